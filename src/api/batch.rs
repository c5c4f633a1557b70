//! A batch as it leaves the pipeline: the three tables in one JSON object.

use super::answer::Answer;
use super::encode::Format;
use super::tables::ready;
use super::{App, Flow, Part};
use crate::service::PipelineService;
use crate::time::Timestamp;

/// The tables of the batch with this number, to be written; `None` when it is not kept.
pub(super) fn batch_answer(service: &PipelineService, number: u64) -> Option<Answer> {
    let engine = service.engine();
    let newest = engine.latest().filter(|newest| newest.number == number);
    let tables = match newest {
        Some(newest) => newest.tables().ok()?.clone(),
        None => engine.recent().tables(number)?.ok()?,
    };
    Some(Answer::new(ready(&tables), Format::Json.encoder(service.clock(), false)))
}

impl App {
    /// The batch with this number, as the data of its event in `GET /stream`; `None` when it is not kept.
    pub fn batch_body(&self, number: u64, now: Timestamp) -> Option<Vec<u8>> {
        let mut answer = batch_answer(&self.service, number)?;
        let mut body = Vec::new();
        loop {
            match answer.next(&self.service, now) {
                Part::Bytes(mut bytes) => body.append(&mut bytes),
                Part::Wait(_) => {}
                Part::End => return Some(body),
            }
        }
    }
}
