//! From a text to rows in files, step by step.

use std::error::Error;
use std::hint::black_box;
use std::rc::Rc;

use millrace::api::{App, Request};
use millrace::frame::Frame;
use millrace::pipeline::records::{CsvOptions, Draft, Format, Mapping};
use millrace::pipeline::sources::{Ask, FileHead, FileReader, FileSource, Input, Pace, ReadFrom, ReadingOn, RowBlock};
use millrace::pipeline::{Batch, Engine, Event, Id, Measures, Processor, Settings, Store};
use millrace::service::PipelineService;
use millrace::store::{Disk, DurableStore, History, MemoryStorage};
use millrace::time::{Clock, Timestamp, Zone};

use crate::input::{FIRST, settings, texts};
use crate::median_secs;

/// Bytes of a piece of a file, as the browser hands them over.
const PIECE_BYTES: usize = 1 << 20;
/// Rows that are taken in one step, as from a file.
const STEP_ROWS: usize = 2048;
/// Sizes of batches: the default, and one where fixed costs do not count.
const BATCH_SIZES: [usize; 2] = [10, 1000];

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

pub(crate) fn print(rows: usize) -> Outcome {
    let show = |name: &str, secs: f64| {
        let nanos = secs * 1e9 / rows as f64;
        println!("in: {name:<40} {nanos:>8.1} ns a row {:>10.0} rows a second", 1e9 / nanos);
    };
    let texts = texts(rows);
    for (name, _, text) in &texts {
        show(&format!("{name}, text to blocks of rows"), median_secs(|| (), |()| blocks(name, text)));
    }
    let read = blocks("csv", &texts[0].2)?;
    let into_bytes = |blocks: Vec<RowBlock>| blocks.into_iter().map(RowBlock::into_bytes).collect::<Vec<_>>();
    show("blocks to bytes, for another thread", median_secs(|| read.clone(), into_bytes));
    let from_bytes = |parts: Vec<_>| {
        parts.into_iter().map(|(head, bytes): (_, Vec<u8>)| RowBlock::from_bytes(head, bytes)).collect::<Vec<_>>()
    };
    show("bytes to blocks, in that thread", median_secs(|| into_bytes(read.clone()), from_bytes));
    show("blocks to rows that are due", median_secs(|| read.clone(), |blocks| source_rows(blocks, |_| ())));
    let events = events(&read);
    let measures = settings(10)?.measures;
    show(
        "events into the queue",
        median_secs(
            || engine(1_000_000).map(|engine| (engine, steps(&events))),
            |opened| {
                let (mut engine, steps) = opened?;
                post(&mut engine, steps, &measures, &mut Nowhere);
                Ok::<_, Box<dyn Error>>(engine)
            },
        ),
    );
    for size in BATCH_SIZES {
        let settings = settings(size)?;
        let of = |name: &str| format!("{name}, batches of {size}");
        show(
            &of("batches to rows with their windows"),
            median_secs(
                || Processor::new(&settings),
                |processor| {
                    let mut processor = processor?;
                    for batch in events.chunks(size) {
                        black_box(processor.process(batch.iter(), &settings, &mut Nowhere)?);
                    }
                    Ok::<_, Box<dyn Error>>(processor)
                },
            ),
        );
        show(
            &of("events to batches, kept nowhere"),
            median_secs(
                || engine(size).map(|engine| (engine, steps(&events))),
                |opened| {
                    let (mut engine, steps) = opened?;
                    post(&mut engine, steps, &measures, &mut Nowhere);
                    Ok::<_, Box<dyn Error>>(engine)
                },
            ),
        );
        let batches = batches(&events, size)?;
        show(
            &of("batches into the history"),
            median_secs(
                || History::new(10 * rows),
                |mut history| {
                    for (rows, rolling, _) in &batches {
                        history.append(rows, rolling);
                    }
                    history
                },
            ),
        );
        show(
            &of("the journal alone"),
            median_secs(
                || store(&settings),
                |opened| {
                    let (mut store, engine) = opened?;
                    journal(&events, &batches, &settings, &engine, &mut store)?;
                    Ok::<_, Box<dyn Error>>(store)
                },
            ),
        );
        show(
            &of("blocks to rows in files"),
            median_secs(
                || (service(&settings), read.clone()),
                |(opened, read)| {
                    let mut service = opened?;
                    source_rows(read, |events| {
                        let (engine, store) = service.engine_and_store();
                        post(engine, vec![events], &measures, store);
                        let _ = service.commit(false, FIRST);
                        service.maintain(FIRST);
                    });
                    service.commit(true, FIRST)?;
                    Ok::<_, Box<dyn Error>>(service)
                },
            ),
        );
        for (name, content_type, text) in &texts {
            let request = Request::new("POST", "events").with_body(content_type, text.as_str());
            show(
                &of(&format!("{name}, posted, to rows in files")),
                median_secs(
                    || service(&settings),
                    |opened| {
                        let mut app = App::new(opened?);
                        let response = app.handle(&request, FIRST);
                        assert_eq!(response.status, 202, "the rows are sound");
                        app.service_mut().commit(true, FIRST)?;
                        Ok::<_, Box<dyn Error>>(app)
                    },
                ),
            );
        }
    }
    Ok(())
}

/// Keeps nothing.
struct Nowhere;

impl Store for Nowhere {
    fn append(&mut self, _: &Frame, _: &[Vec<f64>]) {}

    fn look_back(&self, _: Timestamp, _: Timestamp, _: &Measures, _: &mut dyn FnMut(i64, &Id, &[f64])) {}
}

/// A batch as the store gets it: its rows, their windows, and itself.
type Appended = (Frame, Vec<Vec<f64>>, Batch);

/// Keeps what it is given, as it is.
#[derive(Default)]
struct Recorder {
    batches: Vec<Appended>,
    appended: Option<(Frame, Vec<Vec<f64>>)>,
}

impl Store for Recorder {
    fn append(&mut self, rows: &Frame, rolling: &[Vec<f64>]) {
        self.appended = Some((rows.clone(), rolling.to_vec()));
    }

    fn look_back(&self, _: Timestamp, _: Timestamp, _: &Measures, _: &mut dyn FnMut(i64, &Id, &[f64])) {}

    fn processed(&mut self, batch: &Batch, _: &Settings) {
        self.batches.extend(self.appended.take().map(|(rows, rolling)| (rows, rolling, batch.clone())));
    }
}

/// The text as blocks, as the program that reads files makes them.
fn blocks(format: &str, text: &str) -> Outcome<Vec<RowBlock>> {
    let settings = settings(10)?;
    let format = match format {
        "csv" => Format::Csv(CsvOptions::of(&settings)),
        "ndjson" => Format::Ndjson,
        _ => Format::Json,
    };
    let mut reader = FileReader::new(format, Mapping::of(&settings, Clock::Utc), ReadFrom::default());
    let (mut blocks, mut pieces) = (Vec::new(), text.as_bytes().chunks(PIECE_BYTES).peekable());
    while !reader.has_ended() {
        match reader.next_block() {
            Some(block) => blocks.push(block),
            None => {
                let piece = pieces.next().unwrap_or_default().to_vec();
                reader.push(piece, pieces.peek().is_none());
            }
        }
    }
    Ok(blocks)
}

/// Gives out the rows of blocks as the source of a file does, some thousand events at a time.
fn source_rows(blocks: Vec<RowBlock>, mut take: impl FnMut(Vec<Event>)) {
    let head = FileHead {
        source: "file:rows.csv".into(),
        epoch: 1,
        measures: settings(10).map(|settings| settings.measures).unwrap_or_default(),
        reading_on: ReadingOn::Byte,
        bytes: None,
    };
    let mut source = FileSource::new(head, Pace::AtOnce, None);
    let (mut blocks, mut input) = (blocks.into_iter(), Input::Tick);
    loop {
        let fed = source.feed(input, STEP_ROWS, FIRST);
        input = Input::Tick;
        for ask in fed.asks {
            match ask {
                Ask::Open(_) => input = Input::Opened { bytes: None, epoch: 1 },
                Ask::Read => input = Input::Rows(Box::new(blocks.next().unwrap_or_default())),
                Ask::Close => return,
                Ask::Wake(_) => {}
            }
        }
        if !fed.rows.is_empty() {
            take(fed.rows.into_iter().filter_map(|(_, draft)| event(draft)).collect());
        }
    }
}

fn event(draft: Draft) -> Option<Event> {
    Some(Event { timestamp: draft.timestamp?, id: draft.id?, values: draft.values })
}

fn events(blocks: &[RowBlock]) -> Vec<Event> {
    blocks.iter().flat_map(|block| block.drafts.clone()).filter_map(|(_, draft)| event(draft)).collect()
}

fn steps(events: &[Event]) -> Vec<Vec<Event>> {
    events.chunks(STEP_ROWS).map(<[Event]>::to_vec).collect()
}

fn engine(batch_size: usize) -> Outcome<Engine> {
    Ok(Engine::new(settings(batch_size)?, [0; 32], FIRST)?)
}

fn post(engine: &mut Engine, steps: Vec<Vec<Event>>, measures: &Measures, store: &mut dyn Store) {
    for events in steps {
        let refused = engine.post(events, measures, FIRST, store);
        assert!(refused.is_ok_and(|refused| refused.is_empty()), "all rows are taken");
    }
}

fn batches(events: &[Event], size: usize) -> Outcome<Vec<Appended>> {
    let (mut engine, mut recorder) = (engine(size)?, Recorder::default());
    post(&mut engine, steps(events), &settings(size)?.measures, &mut recorder);
    Ok(recorder.batches)
}

fn store(settings: &Settings) -> Outcome<(DurableStore, Engine)> {
    let mut settings = settings.clone();
    let (mut store, _) = DurableStore::open(Disk::Files(Rc::new(MemoryStorage::default())), &mut settings, [true; 2]);
    let engine = Engine::new(settings, [0; 32], FIRST)?;
    store.start(&engine, FIRST);
    Ok((store, engine))
}

/// Records that events came and became batches, and writes that once per step.
fn journal(
    events: &[Event],
    batches: &[Appended],
    settings: &Settings,
    engine: &Engine,
    store: &mut DurableStore,
) -> Outcome {
    let mut batches = batches.iter();
    for step in events.chunks(STEP_ROWS) {
        for event in step {
            store.queued(event, &settings.measures, FIRST);
        }
        for (_, _, batch) in batches.by_ref().take(step.len() / settings.batch_size) {
            store.processed(batch, settings);
        }
        store.commit(engine, false, FIRST)?;
    }
    Ok(store.commit(engine, true, FIRST)?)
}

fn service(settings: &Settings) -> Outcome<PipelineService> {
    let disk = Disk::Files(Rc::new(MemoryStorage::default()));
    Ok(PipelineService::open(disk, settings.clone(), [true; 2], Zone::UTC, [0; 32], FIRST)?)
}
