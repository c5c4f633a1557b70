//! `GET /docs`: where FastAPI shows its documentation, this leads to the app's console.

use crate::api::{ApiError, App, Request, Response};
use crate::time::Timestamp;

pub(crate) fn get(_: &mut App, _: &Request, _: Timestamp) -> Result<Response, ApiError> {
    // Without a query: the page then shows the settings in force, and asks for none of its own.
    Ok(Response::new(307, "", Vec::new()).with_header("Location", "./#console"))
}
