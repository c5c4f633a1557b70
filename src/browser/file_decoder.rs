//! Files as rows, and bodies of Parquet and Arrow as columns that the reader of rows takes, from a program that is loaded when the
//! first one comes: it runs in a worker of its own, so that it neither weighs on a first visit nor stops the pipeline
//! while it reads, and a file that breaks it breaks nothing else.
//!
//! The page starts that worker, see `decoder_worker`, and passes a port to it on. Here is the side that asks, by
//! [`FileDecoder`].

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use futures_channel::oneshot::{self, Receiver, Sender};
use web_sys::Blob;

use super::message::{ListenerGuard, Port, Received, Target};
use crate::pipeline::sniff::{Choices, Reading};
use crate::pipeline::sources::{ReadFrom, RowBlock};
use crate::protocol::{Coding, DecodedFile, FileFacts, FilePreview, FromDecoder, FromWorker, ProtocolError, ToDecoder};

/// Blocks of rows that are asked for ahead, of half a MiB each, so that the decoder goes on while a checkpoint is written
/// here, and rows are taken here while it reads.
const AHEAD: usize = 6;
/// Characters of the browser's reason that a sentence repeats.
const REASON_CHARS: usize = 200;

/// What the decoder answers, and the envelope's body; or why it never will.
type Answer = Result<(FromDecoder, Vec<u8>), DecodeFailure>;

/// Why a file is not decoded, or not any further: a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodeFailure {
    /// The file cannot be read: the decoder says why, or has stopped on it.
    File(String),
    /// The decoder cannot be loaded, or is of another version.
    Program(String),
}

impl From<DecodeFailure> for String {
    fn from(failure: DecodeFailure) -> Self {
        let (DecodeFailure::File(sentence) | DecodeFailure::Program(sentence)) = failure;
        sentence
    }
}

/// The decoders that the page of this worker starts for it; cheap to clone.
#[derive(Debug, Clone)]
pub struct Decoders {
    page: Target,
    calls: Rc<RefCell<Calls>>,
}

#[derive(Debug, Default)]
struct Calls {
    next_number: u32,
    open: Vec<(u32, Rc<Call>)>,
}

impl Decoders {
    /// Those that this page starts.
    pub fn new(page: Target) -> Self {
        Self { page, calls: Rc::default() }
    }

    /// Handles what the page says of a decoder, see [`ToWorker::Decoder`](crate::protocol::ToWorker::Decoder). Of one
    /// that has ended meanwhile nothing is heard.
    pub fn hear(&self, number: u32, port: Option<Port>, failure: Option<String>) {
        let call = self.calls.borrow().open.iter().find(|(known, _)| *known == number).map(|(_, call)| Rc::clone(call));
        match (call, port) {
            (Some(call), Some(port)) => call.connect(port),
            (Some(call), None) => call.end(&failure.unwrap_or_default()),
            (None, _) => {}
        }
    }

    /// Asks the page for a decoder of files that are named so.
    fn call(&self, name: &'static str) -> (Lease, Receiver<Result<Port, DecodeFailure>>) {
        let (sender, port) = oneshot::channel();
        let call = Rc::new(Call { name, state: RefCell::new(State::Loading(sender)) });
        let number = {
            let mut calls = self.calls.borrow_mut();
            let number = calls.next_number;
            calls.next_number = number.wrapping_add(1);
            calls.open.push((number, Rc::clone(&call)));
            number
        };
        self.page.send(&FromWorker::NeedsDecoder { number });
        (Lease { decoders: self.clone(), number, call }, port)
    }
}

/// A decoder that the page starts: it ends, whatever it does, when this is dropped.
#[derive(Debug)]
struct Lease {
    decoders: Decoders,
    number: u32,
    call: Rc<Call>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.decoders.calls.borrow_mut().open.retain(|(known, _)| *known != self.number);
        self.decoders.page.send(&FromWorker::EndsDecoder { number: self.number });
    }
}

/// Who waits for a decoder.
#[derive(Debug)]
struct Call {
    name: &'static str,
    state: RefCell<State>,
}

#[derive(Debug)]
enum State {
    /// The page loads it.
    Loading(Sender<Result<Port, DecodeFailure>>),
    /// Requests wait, the oldest first: each has one answer, and they are answered in order.
    Loaded(VecDeque<Sender<Answer>>),
    /// It answers nothing any more.
    Ended(DecodeFailure),
}

impl Call {
    /// It is loaded.
    fn connect(&self, port: Port) {
        let is_loading = matches!(*self.state.borrow(), State::Loading(_));
        if is_loading && let State::Loading(sender) = self.state.replace(State::Loaded(VecDeque::new())) {
            // Nobody waits when the future was dropped.
            drop(sender.send(Ok(port)));
        }
    }

    /// It was not loaded, or a file broke it: the browser says so.
    fn end(&self, reason: &str) {
        let is_loading = matches!(*self.state.borrow(), State::Loading(_));
        let failure = if is_loading { not_loaded(self.name, reason) } else { stopped(self.name, reason) };
        match self.state.replace(State::Ended(failure.clone())) {
            State::Loading(sender) => drop(sender.send(Err(failure))),
            State::Loaded(asked) => asked.into_iter().for_each(|sender| drop(sender.send(Err(failure.clone())))),
            State::Ended(_) => {}
        }
    }

    /// Passes an answer to the request that waits for it.
    fn resolve(&self, answer: Answer) {
        let asked = match &mut *self.state.borrow_mut() {
            State::Loaded(asked) => asked.pop_front(),
            State::Loading(_) | State::Ended(_) => None,
        };
        // Nobody waits when the receiver was dropped.
        drop(asked.map(|sender| sender.send(answer)));
    }

    /// The answer to the request that is sent next.
    fn expect(&self) -> Receiver<Answer> {
        let (sender, answer) = oneshot::channel();
        match &mut *self.state.borrow_mut() {
            State::Loaded(asked) => asked.push_back(sender),
            State::Ended(failure) => drop(sender.send(Err(failure.clone()))),
            // A port comes of one that is loaded.
            State::Loading(_) => {}
        }
        answer
    }
}

/// The program that reads files, and what it reads. It ends, whatever it does, when this is dropped.
#[derive(Debug)]
pub struct FileDecoder {
    port: Target,
    lease: Lease,
    /// The answers to requests for rows that were made ahead, so that they are read while others are taken.
    ahead: VecDeque<Receiver<Answer>>,
    _guard: ListenerGuard,
}

/// A piece of a decoded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Columns, or bytes of the file that was compressed: see [`DecodedFile::is_columns`].
    pub bytes: Vec<u8>,
    /// How much of [`DecodedFile::total`] is read, with this piece.
    pub done: u64,
}

impl FileDecoder {
    /// Starts the program, which is named so to people.
    ///
    /// # Errors
    /// [`DecodeFailure::Program`], when it cannot be loaded.
    pub async fn start(decoders: &Decoders, name: &'static str) -> Result<Self, DecodeFailure> {
        let (lease, port) = decoders.call(name);
        let port = Target::port(port.await.unwrap_or_else(|_| Err(unexpected()))?);
        let call = Rc::clone(&lease.call);
        let guard = port.listen(move |received: Result<Received<FromDecoder>, ProtocolError>| {
            let answer = received.map(|Received { message, body, .. }| (message, body.bytes()));
            call.resolve(answer.map_err(|_| unexpected()));
        });
        Ok(Self { port, lease, ahead: VecDeque::new(), _guard: guard })
    }

    /// Gets a decoder and opens a file. `columns` and `from` are those of [`ToDecoder::Open`].
    ///
    /// # Errors
    /// [`DecodeFailure`], when the decoder cannot be loaded or the file cannot be read as `coding`.
    pub async fn open(
        decoders: &Decoders,
        file: &Blob,
        coding: Coding,
        columns: Option<Vec<String>>,
        from: u64,
    ) -> Result<(Self, DecodedFile), DecodeFailure> {
        let name = match coding {
            Coding::Parquet => "Parquet",
            Coding::Arrow | Coding::PackedArrow => "Arrow",
            Coding::Zstd => "zstd",
        };
        let mut decoder = Self::start(decoders, name).await?;
        let opened = decoder.open_file(file, coding, columns, from).await?;
        Ok((decoder, opened))
    }

    async fn open_file(
        &mut self,
        file: &Blob,
        coding: Coding,
        columns: Option<Vec<String>>,
        from: u64,
    ) -> Result<DecodedFile, DecodeFailure> {
        match self.ask(&ToDecoder::Open { coding, columns, from }, Some(file)).await?.0 {
            FromDecoder::Opened(opened) => Ok(opened),
            _ => Err(unexpected()),
        }
    }

    /// All columns of a small file, of `max_bytes` at most. What was open before is closed.
    ///
    /// # Errors
    /// [`DecodeFailure`], also when they have more bytes.
    pub async fn columns(
        &mut self,
        file: &Blob,
        coding: Coding,
        needed: Vec<String>,
        max_bytes: usize,
    ) -> Result<Vec<u8>, DecodeFailure> {
        self.open_file(file, coding, Some(needed), 0).await?;
        let mut columns = Vec::new();
        while let Some(piece) = self.next_piece().await? {
            if columns.len() + piece.bytes.len() > max_bytes {
                return Err(DecodeFailure::File(format!(
                    "it has more than {max_bytes} bytes once it is decoded; send less at a time"
                )));
            }
            columns.extend_from_slice(&piece.bytes);
        }
        Ok(columns)
    }

    /// Whether it answers: a file may have made it stop.
    #[must_use]
    pub fn is_running(&self) -> bool {
        !matches!(*self.lease.call.state.borrow(), State::Ended(_))
    }

    /// The next piece; `None` at the end of the file.
    ///
    /// # Errors
    /// [`DecodeFailure`], when the file cannot be read on. Nothing can be read after it.
    pub async fn next_piece(&mut self) -> Result<Option<Piece>, DecodeFailure> {
        match self.ask(&ToDecoder::Read, None).await? {
            (FromDecoder::Piece { done }, bytes) => Ok(Some(Piece { bytes, done })),
            (FromDecoder::End, _) => Ok(None),
            _ => Err(unexpected()),
        }
    }

    /// What is known of a file.
    ///
    /// # Errors
    /// [`DecodeFailure`].
    pub async fn look(&mut self, file: &Blob) -> Result<FileFacts, DecodeFailure> {
        match self.ask(&ToDecoder::Look, Some(file)).await?.0 {
            FromDecoder::Facts(facts) => Ok(facts),
            _ => Err(unexpected()),
        }
    }

    /// What a file would become, and its epoch; `settings` are the query of an address.
    ///
    /// # Errors
    /// [`DecodeFailure`].
    pub async fn preview(
        &mut self,
        file: &Blob,
        name: String,
        choices: Choices,
        settings: String,
    ) -> Result<(u64, Box<FilePreview>), DecodeFailure> {
        match self.ask(&ToDecoder::Preview { name, choices, settings }, Some(file)).await?.0 {
            FromDecoder::Preview { epoch, preview } => Ok((epoch, preview)),
            _ => Err(unexpected()),
        }
    }

    /// Opens a file to read its rows; `settings` are the query of an address. What was open before is closed.
    ///
    /// # Errors
    /// [`DecodeFailure`].
    pub async fn open_rows(
        &mut self,
        file: &Blob,
        reading: Reading,
        settings: String,
        from: ReadFrom,
    ) -> Result<FileFacts, DecodeFailure> {
        match self.ask(&ToDecoder::OpenRows { reading, settings, from }, Some(file)).await?.0 {
            FromDecoder::Facts(facts) => {
                self.read_ahead();
                Ok(facts)
            }
            _ => Err(unexpected()),
        }
    }

    /// The next rows of the file, and how many of its bytes were read. Those that follow are read meanwhile.
    ///
    /// # Errors
    /// [`DecodeFailure`], when the file cannot be read on. Nothing can be read after it.
    pub async fn next_rows(&mut self) -> Result<(RowBlock, u64), DecodeFailure> {
        self.read_ahead();
        let answer = self.ahead.pop_front().ok_or_else(unexpected)?;
        match received(answer).await? {
            (FromDecoder::Rows { head, file_bytes }, columns) => {
                let block = RowBlock::from_bytes(*head, columns).ok_or_else(unexpected)?;
                if !block.info.is_last {
                    self.read_ahead();
                }
                Ok((block, file_bytes))
            }
            _ => Err(unexpected()),
        }
    }

    /// Asks for rows until enough requests wait.
    fn read_ahead(&mut self) {
        while self.ahead.len() < AHEAD {
            self.ahead.push_back(self.request(&ToDecoder::ReadRows, None));
        }
    }

    async fn ask(&mut self, message: &ToDecoder, file: Option<&Blob>) -> Answer {
        // What was asked for ahead is not wanted any more.
        self.ahead.clear();
        received(self.request(message, file)).await
    }

    fn request(&self, message: &ToDecoder, file: Option<&Blob>) -> Receiver<Answer> {
        let answer = self.lease.call.expect();
        match file {
            Some(file) => self.port.send_with_blob(message, file),
            None => self.port.send(message),
        }
        answer
    }
}

/// An answer; that the file cannot be read is a failure.
async fn received(answer: Receiver<Answer>) -> Answer {
    match answer.await.unwrap_or_else(|_| Err(unexpected()))? {
        (FromDecoder::Failed(reason), _) => Err(DecodeFailure::File(reason)),
        answered => Ok(answered),
    }
}

impl Drop for FileDecoder {
    fn drop(&mut self) {
        self.port.close();
    }
}

fn unexpected() -> DecodeFailure {
    let sentence = "the decoder of files is of another version than the pipeline; reload the page to get both anew";
    DecodeFailure::Program(sentence.to_owned())
}

fn not_loaded(name: &str, reason: &str) -> DecodeFailure {
    let reason = first_line(reason);
    DecodeFailure::Program(format!(
        "the decoder of {name} cannot be loaded: {reason}; check the connection and try again"
    ))
}

/// A file made it stop: it ran out of memory, or into bytes that it did not expect.
fn stopped(name: &str, reason: &str) -> DecodeFailure {
    let reason = first_line(reason);
    DecodeFailure::File(format!(
        "the decoder of {name} stopped on this file: {reason}; the file is damaged, or needs more memory than there is: \
         copy it again, or write it in smaller groups of rows"
    ))
}

/// The start of what the browser says.
fn first_line(reason: &str) -> String {
    let line: String = reason.lines().next().unwrap_or_default().chars().take(REASON_CHARS).collect();
    if line.is_empty() { "the browser does not say why".to_owned() } else { line }
}
