//! Messages of Arrow and Parquet as columns, from the program that reads files.

use gloo_timers::future::TimeoutFuture;

use super::state::Shared;
use crate::api::App;
use crate::browser::file_decoder::{DecodeFailure, FileDecoder};
use crate::browser::spool::Spool;
use crate::pipeline::sources::live::EncodedMessage;
use crate::protocol::Coding;

/// Maximum size of the columns of a message, which are held as a whole.
const MAX_COLUMNS_BYTES: usize = 256 << 20;
/// Time until it is tried again to load the program.
const RETRY_MILLIS: u32 = 5_000;

const NEITHER: &str = "the message is neither Arrow nor Parquet; send one of them, or set source_format to auto";

/// Makes columns of a message, or says why there are none. It waits until the program is there, for as long as this run
/// of a live source lasts; `None`: it is over.
pub(super) async fn decode(worker: &Shared, run: u32, message: &EncodedMessage) -> Option<Result<Vec<u8>, String>> {
    let mut is_noted = false;
    loop {
        let sentence = match columns(worker, message).await {
            Ok(columns) => return Some(Ok(columns)),
            Err(DecodeFailure::File(sentence)) => return Some(Err(sentence)),
            Err(DecodeFailure::Program(sentence)) => sentence,
        };
        let is_over = |app: &mut App| app.service_mut().live_run().is_none_or(|current| current.number != run);
        if worker.borrow_mut().app.as_mut().is_none_or(is_over) {
            return None;
        }
        if let Some(app) = worker.borrow_mut().app.as_mut().filter(|_| !std::mem::replace(&mut is_noted, true)) {
            app.service_mut().note(format!("messages wait: {sentence}"));
        }
        TimeoutFuture::new(RETRY_MILLIS).await;
    }
}

/// The columns of a message. The program that makes them is kept for the next one.
async fn columns(worker: &Shared, message: &EncodedMessage) -> Result<Vec<u8>, DecodeFailure> {
    let coding = Coding::of(&message.bytes).filter(|coding| matches!(coding, Coding::Arrow | Coding::Parquet));
    let coding = coding.ok_or_else(|| DecodeFailure::File(NEITHER.to_owned()))?;
    let mut spool = Spool::default();
    let file = spool.push_bytes(&message.bytes, true).and_then(|()| spool.to_blob()).map_err(DecodeFailure::Program)?;
    let kept = worker.borrow_mut().live.decoder.take();
    let mut decoder = match kept {
        Some(decoder) => decoder,
        None => {
            let decoders = worker.borrow().decoders.clone();
            FileDecoder::start(&decoders, "messages").await?
        }
    };
    let columns = decoder.columns(&file, coding, message.columns.clone(), MAX_COLUMNS_BYTES).await;
    let live = &mut worker.borrow_mut().live;
    if decoder.is_running() && live.is_running {
        live.decoder = Some(decoder);
    }
    columns
}
