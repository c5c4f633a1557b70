//! The loop of the program that reads files for a worker: one answer for each request.

use crate::browser::blob_reader::BlobReader;
use crate::browser::{decoder_worker, zone};
use crate::decoder::{Decoder, DecoderError, FileRows, file_facts, preview};
use crate::pipeline::sniff::Zones;
use crate::pipeline::{ClockKind, Settings, settings_of_address};
use crate::protocol::{FromDecoder, ToDecoder};

/// What is open.
enum Open {
    Nothing,
    /// A file as bytes.
    Bytes(Decoder<BlobReader>),
    /// A file as rows.
    Rows(Box<FileRows<BlobReader>>),
}

/// Starts to listen for requests, and lets the page that started this worker know.
pub fn start_decoder() {
    let mut open = Open::Nothing;
    decoder_worker::serve(move |request, file| {
        answer(&mut open, request, file).unwrap_or_else(|sentence| {
            open = Open::Nothing;
            (FromDecoder::Failed(sentence), Vec::new())
        })
    });
}

fn answer(open: &mut Open, request: ToDecoder, file: Option<BlobReader>) -> Result<(FromDecoder, Vec<u8>), String> {
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
            let (rows, facts) =
                with_zones(&settings, |zones| FileRows::open(file()?, &reading, &settings, zones, from))?;
            *open = Open::Rows(Box::new(rows));
            FromDecoder::Facts(facts)
        }
        ToDecoder::ReadRows => {
            let Open::Rows(rows) = open else { return Err("the file is not open; choose it again".to_owned()) };
            let block = rows.next_block()?.ok_or("all of the file was read")?;
            let (head, columns) = block.0.into_columns();
            return Ok((FromDecoder::Rows { head: Box::new(head), file_bytes: block.1 }, columns));
        }
    };
    Ok((message, Vec::new()))
}

fn with_zones<T>(settings: &Settings, work: impl FnOnce(Zones<'_>) -> T) -> T {
    let (clock, local) = (zone::clock(settings.clock == ClockKind::Utc), zone::clock(false));
    work(Zones { clock, local: local.zone(), find: &zone::named })
}
