//! `GET /docs`: redirects to the app's console, where FastAPI shows its documentation.

use crate::api::{ApiError, App, Request, Response};
use crate::time::Timestamp;

pub(crate) fn get(_: &mut App, _: &Request, _: Timestamp) -> Result<Response, ApiError> {
    // Without a query: the page then shows the settings in force and sets none.
    Ok(Response::new(307, "", Vec::new()).with_header("Location", "./#console"))
}
