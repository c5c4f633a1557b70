//! A response whose body is still being read.

use std::cell::Cell;
use std::rc::Rc;

use super::ConsoleResponse;
use super::connection::WorkerConnection;
use crate::browser::clock;
use crate::browser::fetch::Body;

/// More than this of a body is not read: the console shows far less.
const MAX_READ_BYTES: usize = 8 << 20;

/// Status and headers of a response, and the source of its body.
pub struct Reading {
    /// The response so far; its body is empty.
    pub response: ConsoleResponse,
    /// The part of the body that came with the head.
    first: Cell<Vec<u8>>,
    source: Source,
    start_millis: f64,
    is_stopped: Cell<bool>,
}

/// Where the rest of a body comes from.
pub(super) enum Source {
    /// There is none.
    Nowhere,
    /// The browser's own stream.
    Fetch(Body),
    /// The pipeline worker, under this number.
    WorkerConnection(Rc<WorkerConnection>, u32),
}

impl Reading {
    pub(super) fn new(response: ConsoleResponse, first: Vec<u8>, source: Source, start_millis: f64) -> Self {
        Self { response, first: Cell::new(first), source, start_millis, is_stopped: Cell::new(false) }
    }

    /// The next part of the body; empty at its end, and after [`Self::stop`].
    ///
    /// # Errors
    /// A sentence, when the body breaks off.
    pub async fn next(&self) -> Result<Vec<u8>, String> {
        let first = self.first.take();
        if !first.is_empty() {
            return Ok(first);
        }
        let part = match &self.source {
            Source::Nowhere => Ok(Vec::new()),
            Source::Fetch(body) => body.next().await,
            Source::WorkerConnection(connection, stream) => connection.part(*stream).await,
        };
        if self.is_stopped.get() { Ok(Vec::new()) } else { part }
    }

    /// Stops reading, and cancels the rest of the body.
    pub fn stop(&self) {
        self.is_stopped.set(true);
        match &self.source {
            Source::Nowhere => {}
            Source::Fetch(body) => body.cancel(),
            Source::WorkerConnection(connection, stream) => connection.cancel(*stream),
        }
    }

    /// Whether [`Self::stop`] was called.
    pub fn is_stopped(&self) -> bool {
        self.is_stopped.get()
    }

    /// The response with its body, which is cut after 8 MiB.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub async fn whole(&self) -> Result<ConsoleResponse, String> {
        let mut response = self.response.clone();
        loop {
            let part = self.next().await?;
            response.body.extend_from_slice(&part);
            response.is_cut = response.body.len() > MAX_READ_BYTES;
            if response.is_cut {
                response.body.truncate(MAX_READ_BYTES);
                self.stop();
            }
            if part.is_empty() || response.is_cut {
                response.elapsed_millis = clock::monotonic_millis() - self.start_millis;
                return Ok(response);
            }
        }
    }
}
