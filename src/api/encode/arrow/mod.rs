//! Frames as an Arrow IPC stream, for tools that read columns: pyarrow, polars, DuckDB, Arrow for JavaScript.
//!
//! The format code of the arrow crates writes the heads of messages. [`body`] writes what follows them, a column's
//! values as they lie in memory: the crates' own writer supports every type there is, and would add half to the
//! download of a first visit.
//!
//! Read [`ArrowWriter`] first.
//!
//! Source: <https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc>.

mod body;

use arrow_ipc as ipc;
use flatbuffers::{FlatBufferBuilder, UnionWIPOffset, WIPOffset};

use self::body::Body;
use super::Encoder;
use crate::frame::{Dtype, Frame};
use crate::time::Clock;

/// Precedes each message since version 0.15 of the format.
const CONTINUATION: [u8; 4] = [0xFF; 4];

/// Writes frames of the same columns as one Arrow IPC stream.
///
/// | column | type in Arrow | missing |
/// |---|---|---|
/// | datetime | timestamp in nanoseconds, zone UTC, whatever `clock` says | null |
/// | float | float64; infinities as they are | null, also for NaN |
/// | int | int64 | |
/// | bool | bool | |
/// | string | utf8 | null |
/// | mixed | utf8: the text of JSON without its quotes | null |
///
/// Every field is nullable: a later frame may have gaps. Without any frame the stream has no rows.
#[derive(Debug)]
pub struct ArrowWriter {
    clock: Clock,
    /// The types that the schema declares.
    dtypes: Vec<Dtype>,
    /// The body of the last record batch, of which the memory is used again.
    body: Body,
}

impl ArrowWriter {
    /// The content type of the stream.
    pub const CONTENT_TYPE: &'static str = "application/vnd.apache.arrow.stream";

    /// An empty stream. Instants in mixed columns are printed by `clock`.
    pub fn new(clock: Clock) -> Self {
        Self { clock, dtypes: Vec::new(), body: Body::default() }
    }

    /// Writes the schema: names and types of this frame's columns, none of its rows.
    pub fn start(&mut self, frame: &Frame, out: &mut Vec<u8>) {
        self.dtypes = frame.columns().iter().map(|(_, column)| column.dtype()).collect();
        let mut head = FlatBufferBuilder::new();
        let fields: Vec<_> =
            frame.columns().iter().map(|(name, column)| field(&mut head, name, column.dtype())).collect();
        let fields = head.create_vector(&fields);
        let schema = ipc::Schema::create(&mut head, &ipc::SchemaArgs { fields: Some(fields), ..Default::default() });
        write_message(out, head, ipc::MessageHeader::Schema, schema.as_union_value(), &[]);
    }

    /// Writes the rows of a frame as one record batch; no rows write nothing.
    ///
    /// The columns are those of the frame that the stream was started with. A cell of another type than the schema
    /// declares becomes missing, since the schema has been sent.
    pub fn frame(&mut self, frame: &Frame, out: &mut Vec<u8>) {
        if frame.is_empty() {
            return;
        }
        let Self { body, .. } = self;
        body.clear();
        for ((_, column), dtype) in frame.columns().iter().zip(&self.dtypes) {
            body.push(column, *dtype, &self.clock);
        }
        let mut head = FlatBufferBuilder::new();
        let nodes = Some(head.create_vector(&body.nodes));
        let buffers = Some(head.create_vector(&body.buffers));
        let length = frame.len() as i64;
        let batch = ipc::RecordBatchArgs { length, nodes, buffers, ..Default::default() };
        let batch = ipc::RecordBatch::create(&mut head, &batch);
        write_message(out, head, ipc::MessageHeader::RecordBatch, batch.as_union_value(), &body.bytes);
    }

    /// Writes the mark that ends the stream.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(&CONTINUATION);
        out.extend_from_slice(&[0; 4]);
    }
}

impl Encoder for ArrowWriter {
    fn open_table(&mut self, _: &str, _: &mut Vec<u8>) {}

    fn rows(&mut self, rows: &Frame, out: &mut Vec<u8>) {
        if self.dtypes.is_empty() {
            self.start(rows, out);
        }
        self.frame(rows, out);
    }

    fn close_table(&mut self, _: &mut Vec<u8>) {}

    fn finish(&mut self, out: &mut Vec<u8>) {
        Self::finish(self, out);
    }
}

/// A column of the schema.
fn field<'a>(head: &mut FlatBufferBuilder<'a>, name: &str, dtype: Dtype) -> WIPOffset<ipc::Field<'a>> {
    let (type_type, type_) = match dtype {
        Dtype::Datetime => {
            let timezone = Some(head.create_string("UTC"));
            let instant = ipc::TimestampArgs { unit: ipc::TimeUnit::NANOSECOND, timezone };
            (ipc::Type::Timestamp, ipc::Timestamp::create(head, &instant).as_union_value())
        }
        Dtype::Float => {
            let double = ipc::FloatingPointArgs { precision: ipc::Precision::DOUBLE };
            (ipc::Type::FloatingPoint, ipc::FloatingPoint::create(head, &double).as_union_value())
        }
        Dtype::Int => {
            let long = ipc::IntArgs { bitWidth: 64, is_signed: true };
            (ipc::Type::Int, ipc::Int::create(head, &long).as_union_value())
        }
        Dtype::Bool => (ipc::Type::Bool, ipc::Bool::create(head, &ipc::BoolArgs {}).as_union_value()),
        Dtype::String | Dtype::Mixed => (ipc::Type::Utf8, ipc::Utf8::create(head, &ipc::Utf8Args {}).as_union_value()),
    };
    let name = Some(head.create_string(name));
    // Readers of older versions reject a field without this list.
    let children = Some(head.create_vector::<WIPOffset<ipc::Field<'_>>>(&[]));
    let field = ipc::FieldArgs { name, nullable: true, type_type, type_: Some(type_), children, ..Default::default() };
    ipc::Field::create(head, &field)
}

/// Writes a message: the mark, the length of the head, the head, the body. All of it is a multiple of eight bytes long.
fn write_message(
    out: &mut Vec<u8>,
    mut head: FlatBufferBuilder<'_>,
    header_type: ipc::MessageHeader,
    header: WIPOffset<UnionWIPOffset>,
    body: &[u8],
) {
    let message = ipc::MessageArgs {
        version: ipc::MetadataVersion::V5,
        header_type,
        header: Some(header),
        bodyLength: body.len() as i64,
        custom_metadata: None,
    };
    let message = ipc::Message::create(&mut head, &message);
    head.finish(message, None);
    let head = head.finished_data();
    let padded = head.len().next_multiple_of(8);
    out.reserve(8 + padded + body.len());
    out.extend_from_slice(&CONTINUATION);
    out.extend_from_slice(&(padded as u32).to_le_bytes());
    out.extend_from_slice(head);
    out.resize(out.len() + padded - head.len(), 0);
    out.extend_from_slice(body);
}
