//! What servers are shown. The tab that it was given in keeps it in memory, and gives it to each worker that runs the
//! pipeline later: no worker writes it anywhere.

use super::{Client, ConsoleRequest, ConsoleResponse};
use crate::browser::spawn_local;

impl Client {
    /// Gives credentials to the pipeline: `body` is that of `PUT /credentials`.
    ///
    /// # Errors
    /// A sentence, when nothing answered.
    pub async fn give_credentials(&self, body: Vec<u8>) -> Result<ConsoleResponse, String> {
        let response = self.command(&request(body.clone())).await?;
        if response.status == 204 {
            // What was forgotten here is not taken from a later worker, to which another tab may have given some.
            self.0.credentials.replace(Some(body).filter(|body| body != b"{}"));
        }
        Ok(response)
    }

    /// Gives those of this tab, if there are any, to a worker that runs the pipeline from now on.
    pub(super) fn give_credentials_again(&self) {
        let Some(body) = self.0.credentials.borrow().clone() else { return };
        let client = self.clone();
        spawn_local(async move {
            // If this fails, the state of the source says that its server wants some.
            drop(client.command(&request(body)).await);
        });
    }
}

fn request(body: Vec<u8>) -> ConsoleRequest {
    ConsoleRequest {
        method: "PUT".to_owned(),
        target: "credentials".to_owned(),
        content_type: Some("application/json".to_owned()),
        body: Some(body),
        ..ConsoleRequest::default()
    }
}
