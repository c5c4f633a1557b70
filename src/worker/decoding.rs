//! The loop of the program that reads files for a worker: one answer for each request.

use crate::browser::blob_reader::BlobReader;
use crate::browser::file_text::FileText;
use crate::browser::{decoder_worker, zone};
use crate::decoder::{Decoder, DecoderError, FileRows, Next, file_facts, preview};
use crate::pipeline::sniff::Zones;
use crate::pipeline::{ClockKind, Settings, settings_of_address};
use crate::protocol::{FromDecoder, ToDecoder};

/// What is open.
enum Open {
    Nothing,
    /// A file as bytes.
    Bytes(Decoder<BlobReader>),
    /// A file as rows.
    Rows {
        rows: Box<FileRows<BlobReader>>,
        text: FileText,
    },
}

/// Starts to listen for requests, and lets the page that started this worker know.
pub fn start_decoder() {
    let mut open = Open::Nothing;
    decoder_worker::serve(async move |request, file| {
        answer(&mut open, request, file).await.unwrap_or_else(|sentence| {
            open = Open::Nothing;
            (FromDecoder::Failed(sentence), Vec::new())
        })
    });
}

async fn answer(
    open: &mut Open,
    request: ToDecoder,
    file: Option<BlobReader>,
) -> Result<(FromDecoder, Vec<u8>), String> {
    let file = || file.ok_or_else(|| "there is no file to read; choose it again".to_owned());
    let message = match request {
        ToDecoder::Open { coding, columns, from } => {
            let opened = Decoder::open(file()?, coding, columns.as_deref(), from);
            let (decoder, known) = opened.map_err(|error: DecoderError| error.to_string())?;
            *open = Open::Bytes(decoder);
            FromDecoder::Opened(known)
        }
        ToDecoder::Read => {
            let Open::Bytes(decoder) = open else { return Ok((FromDecoder::End, Vec::new())) };
            let piece = decoder.next_piece().map_err(|error| error.to_string())?;
            return Ok(
                piece.map_or((FromDecoder::End, Vec::new()), |(bytes, done)| (FromDecoder::Piece { done }, bytes))
            );
        }
        ToDecoder::Look => FromDecoder::Facts(file_facts(&file()?)?),
        ToDecoder::Preview { name, choices, settings } => {
            let (settings, _) = settings_of_address(&settings);
            let (epoch, preview) = with_zones(&settings, |zones| preview(file()?, &name, &choices, &settings, zones))?;
            FromDecoder::Preview { epoch, preview: Box::new(preview) }
        }
        ToDecoder::OpenRows { reading, settings, from } => {
            let (settings, _) = settings_of_address(&settings);
            let file = file()?;
            let text = FileText::new(file.clone());
            let (rows, facts) = with_zones(&settings, |zones| FileRows::open(file, &reading, &settings, zones, from))?;
            *open = Open::Rows { rows: Box::new(rows), text };
            FromDecoder::Facts(facts)
        }
        ToDecoder::ReadRows => {
            let Open::Rows { rows, text } = open else {
                return Err("the file is not open; choose it again".to_owned());
            };
            return loop {
                match rows.advance()? {
                    Next::Rows(block, file_bytes) => {
                        let (head, columns) = block.into_bytes();
                        break Ok((FromDecoder::Rows { head: Box::new(head), file_bytes }, columns));
                    }
                    Next::Bytes(from) => {
                        let (bytes, is_last) = text.read(from).await?;
                        rows.push(bytes, is_last);
                    }
                    Next::End => break Err("all of the file was read".to_owned()),
                }
            };
        }
    };
    Ok((message, Vec::new()))
}

fn with_zones<T>(settings: &Settings, work: impl FnOnce(Zones<'_>) -> T) -> T {
    let (clock, local) = (zone::clock(settings.clock == ClockKind::Utc), zone::clock(false));
    work(Zones { clock, local: local.zone(), find: &zone::named })
}
