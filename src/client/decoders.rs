//! Decoders of files: this tab's worker asks for them, and the page starts them, see `browser::decoder_worker`.

use super::Client;
use crate::browser::decoder_worker::DecoderWorker;
use crate::browser::message::Port;
use crate::protocol::ToWorker;

impl Client {
    /// Starts a decoder, and passes a port to it on to the worker.
    pub(super) fn start_decoder(&self, number: u32) {
        let client = self.clone();
        match DecoderWorker::spawn(move |port| client.tell_of_decoder(number, port)) {
            Ok(decoder) => self.0.decoders.borrow_mut().push((number, decoder)),
            Err(reason) => self.tell_of_decoder(number, Err(reason)),
        }
    }

    /// Ends a decoder.
    pub(super) fn end_decoder(&self, number: u32) {
        self.0.decoders.borrow_mut().retain(|(known, _)| *known != number);
    }

    /// Ends all decoders; the worker, if it lives, waits for none of them.
    pub(super) fn end_decoders(&self) {
        for (number, decoder) in self.0.decoders.take() {
            drop(decoder);
            self.tell_of_decoder(number, Err("the pipeline has moved to another tab".to_owned()));
        }
    }

    fn tell_of_decoder(&self, number: u32, port: Result<Port, String>) {
        let worker = self.0.worker.borrow();
        let Some(worker) = &*worker else { return };
        match port {
            Ok(port) => worker.send_with_port(&ToWorker::Decoder { number, failure: None }, &port),
            Err(reason) => worker.send(&ToWorker::Decoder { number, failure: Some(reason) }),
        }
    }
}
