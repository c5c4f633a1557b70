//! `GET /query`: rows of the history, or of the newest batch, transformed for this request.

use std::mem;
use std::rc::Rc;

use rustc_hash::FxHashSet;

use crate::api::answer::Answer;
use crate::api::encode::Format;
use crate::api::encode::json::Views;
use crate::api::extract::query::{Query, cut};
use crate::api::pending::Job;
use crate::api::tables::{
    BatchRolling, Bucketed, Buckets, Cursor, FindBuckets, Group, Latest, Melted, PickIds, Pivoted, RollingSource, Seek,
    Selection, Table, Tables, WindowsOver, ready,
};
use crate::api::{ApiError, App, InvalidInput, Problem, Request, Response};
use crate::frame::ops::Rolling;
use crate::frame::{Column, Frame, FrameError};
use crate::pipeline::{Id, Measures, RollingScope, RollingWindows, Settings, measures_of, read_ids, rolling_name};
use crate::service::PipelineService;
use crate::store::{Range, Rows};
use crate::time::{Duration, Timestamp};

/// Settings that a request may override.
const OWN_SETTINGS: [&str; 6] = ["window", "min_periods", "closed", "agg", "rolling_by", "aggfunc"];

/// The parsed request.
struct Wanted {
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    ids: Option<FxHashSet<Id>>,
    views: Views,
    bucket: Option<Duration>,
    limit: Option<usize>,
    offset: Option<usize>,
    /// Where the page before this one ended.
    cursor: Option<Cursor>,
    format: Format,
    is_for_spreadsheets: bool,
    /// The settings in force, with those that the request overrides.
    settings: Settings,
    /// Whether the rolling aggregate differs from that of the stream.
    has_own_window: bool,
    /// Whether the request names the aggregate of the pivot.
    has_own_aggfunc: bool,
}

pub(in crate::api) fn get(app: &App, request: &Request) -> Result<Box<dyn Job>, ApiError> {
    Ok(Box::new(Selecting { wanted: Wanted::read(app, request)?, query: request.query.clone(), stage: Stage::Start }))
}

/// The work before the first row of the answer.
struct Selecting {
    wanted: Wanted,
    /// The query as it was sent, for the link to the next page.
    query: String,
    stage: Stage,
}

/// What comes next, each with what is known by then.
enum Stage {
    /// To choose the rows of the range or of the batch.
    Start,
    /// To compute the rolling aggregate of a batch's rows as part of the stream.
    Roll(Rows, u64, BatchRolling),
    /// To pick the rows of the requested ids.
    Pick(Source, PickIds),
    /// To find the first row behind the cursor.
    Seek(Source, Selection, Seek),
    /// To find the columns of the pivot by time.
    Bucket(Page, FindBuckets),
    /// Nothing: this is the response.
    End(Response),
}

/// Where the rows come from.
struct Source {
    rolled: RollingSource,
    /// The number of their batch if they are of one.
    batch: Option<u64>,
}

/// The rows of the answer.
struct Page {
    source: Source,
    rows: Selection,
    /// The number of rows that matched before paging.
    total: usize,
    next: Option<Cursor>,
}

impl Job for Selecting {
    fn rows(&self, service: &PipelineService) -> usize {
        self.wanted.cost(service)
    }

    fn step(&mut self, service: &PipelineService) -> Option<Result<Response, ApiError>> {
        let stage = mem::replace(&mut self.stage, Stage::Start);
        match self.advance(stage, service) {
            Ok(Stage::End(response)) => Some(Ok(response)),
            Ok(stage) => {
                self.stage = stage;
                None
            }
            Err(error) => Some(Err(error)),
        }
    }
}

impl Selecting {
    /// The stage after one step.
    fn advance(&self, stage: Stage, service: &PipelineService) -> Result<Stage, ApiError> {
        let wanted = &self.wanted;
        match stage {
            Stage::Start => {
                let newest = service.engine().latest().filter(|_| wanted.is_whole());
                match newest {
                    Some(newest) => Ok(Stage::End(wanted.answer(service, ready(newest.tables()?)))),
                    None if wanted.is_of_history() => {
                        let (rows, rolled) = wanted.rows_of_history(service)?;
                        self.pick(rows, Source { rolled, batch: None }, service)
                    }
                    None => self.choose_batch(service),
                }
            }
            Stage::Roll(rows, batch, mut rolling) => match rolling.step() {
                Some(rolled) => {
                    let source = Source { rolled: RollingSource::Known(Rc::new(rolled)), batch: Some(batch) };
                    self.pick(Selection::new(rows, 0), source, service)
                }
                None => Ok(Stage::Roll(rows, batch, rolling)),
            },
            Stage::Pick(source, mut pick) => match wanted.ids.as_ref().and_then(|ids| pick.step(ids)) {
                Some(rows) => self.seek(rows, source, service),
                None => Ok(Stage::Pick(source, pick)),
            },
            Stage::Seek(source, rows, mut seek) => match seek.step(rows.all()) {
                Some(next) => self.page(rows.len(), rows.since(next), source, service),
                None => Ok(Stage::Seek(source, rows, seek)),
            },
            Stage::Bucket(page, mut find) => match find.step(&page.rows) {
                Ok(Some(buckets)) => self.respond(page, Some(buckets), service),
                Ok(None) => Ok(Stage::Bucket(page, find)),
                Err(sentence) => Err(wanted.refuse_bucket(sentence)),
            },
            Stage::End(response) => Ok(Stage::End(response)),
        }
    }

    /// Chooses the newest batch, or the one that the cursor names.
    fn choose_batch(&self, service: &PipelineService) -> Result<Stage, ApiError> {
        let (wanted, engine) = (&self.wanted, service.engine());
        let (number, latest) = match &wanted.cursor {
            Some(cursor @ Cursor { group: Group::Batch(number), .. }) => {
                let recent = engine.recent();
                let place = number.checked_sub(recent.first()).and_then(|place| usize::try_from(place).ok());
                let kept = place.and_then(|place| recent.latest().nth(place));
                (*number, kept.ok_or_else(|| refused_cursor(cursor, CURSOR_OF_GONE_ROWS))?)
            }
            _ => match engine.latest() {
                Some(newest) => (newest.number, &newest.latest),
                None => {
                    let source = Source { rolled: RollingSource::Known(Rc::default()), batch: None };
                    let rows = Rows::new(&wanted.settings.measures);
                    return self.pick(Selection::new(rows, 0), source, service);
                }
            },
        };
        let rows = rows_of_batch(latest)?;
        // The settings may have changed since; the batch keeps its columns.
        let own_names = rows.measures().names().map(|measure| rolling_name(measure, wanted.settings.agg));
        let own = float_columns(latest, own_names).filter(|_| !wanted.has_own_window);
        let options = wanted.settings.rolling_options();
        let rolled = match (wanted.settings.rolling_scope, own) {
            (RollingScope::Batch, _) => {
                RollingSource::Own(RollingWindows::of_measures(&options, rows.measures().count())?)
            }
            (RollingScope::Stream, Some(own)) => RollingSource::Known(Rc::new(own)),
            (RollingScope::Stream, None) => {
                let around = wanted.rows_around(&rows, service);
                let rolling = BatchRolling::new(&rows, around, &options)?;
                return Ok(Stage::Roll(rows, number, rolling));
            }
        };
        self.pick(Selection::new(rows, 0), Source { rolled, batch: Some(number) }, service)
    }

    fn pick(&self, rows: Selection, source: Source, service: &PipelineService) -> Result<Stage, ApiError> {
        match self.wanted.ids {
            Some(_) => Ok(Stage::Pick(source, PickIds::new(rows))),
            None => self.seek(rows, source, service),
        }
    }

    fn seek(&self, rows: Selection, source: Source, service: &PipelineService) -> Result<Stage, ApiError> {
        let Some(cursor) = &self.wanted.cursor else { return self.page(rows.len(), rows, source, service) };
        let seek = cursor.seek(rows.all()).ok_or_else(|| refused_cursor(cursor, CURSOR_OF_GONE_ROWS))?;
        Ok(Stage::Seek(source, rows, seek))
    }

    /// Cuts the page from the rows behind the cursor.
    fn page(
        &self,
        total: usize,
        rest: Selection,
        source: Source,
        service: &PipelineService,
    ) -> Result<Stage, ApiError> {
        let wanted = &self.wanted;
        let offset = wanted.offset.unwrap_or(0);
        let left = rest.len().saturating_sub(offset);
        let rows = rest.with_page(offset, wanted.limit.unwrap_or(usize::MAX));
        let count = rows.len();
        let next =
            (0 < count && count < left).then(|| Cursor::behind(rows.all(), rows.number(count - 1), source.batch));
        let page = Page { source, rows, total, next };
        let is_empty = count == 0 && wanted.format == Format::Json;
        match wanted.bucket.filter(|_| wanted.views.pivoted && !is_empty) {
            Some(width) => Ok(Stage::Bucket(page, FindBuckets::new(width, service.clock()))),
            None => self.respond(page, None, service),
        }
    }

    fn respond(&self, page: Page, buckets: Option<Buckets>, service: &PipelineService) -> Result<Stage, ApiError> {
        let wanted = &self.wanted;
        let Page { source, rows, total, next } = page;
        let response = match (rows.len(), wanted.format) {
            (0, Format::Json) => Response::json(b"{}".to_vec()),
            _ => wanted.answer(service, wanted.tables(rows, source.rolled, buckets)?),
        };
        if !wanted.is_paged() {
            return Ok(Stage::End(response));
        }
        let response = response.with_header("X-Total-Count", total.to_string());
        Ok(Stage::End(match next {
            Some(next) => response.with_header("Link", format!("<{}>; rel=\"next\"", next_page(&self.query, next))),
            None => response,
        }))
    }
}

impl Wanted {
    /// Reads the parameters, and reports every bad one at once.
    fn read(app: &App, request: &Request) -> Result<Self, ApiError> {
        let mut query = Query::parse(&request.query);
        let (start, end) = (query.instant("start", app.service().clock()), query.instant("end", app.service().clock()));
        let ids = query.read("ids", read_ids).map(FxHashSet::from_iter);
        let views = query.read("views", read_views).unwrap_or(Views::ALL);
        let in_force = app.service().engine().settings();
        let settings = own_settings(&mut query, in_force);
        let bucket = query.read("bucket", read_bucket);
        let (limit, offset) = (query.count("limit"), query.count("offset"));
        let is_bounded = ["start", "end"].iter().any(|name| query.text(name).is_some());
        let cursor = query.read("cursor", |text| read_cursor(text, is_bounded));
        let is_for_spreadsheets = query.truth("spreadsheet").unwrap_or(false);
        let format = read_format(&mut query, request, views);
        query.finish()?;
        let has_own_window = settings.rolling_options() != in_force.rolling_options();
        let has_own_aggfunc = query.text("aggfunc").is_some();
        Ok(Self {
            start,
            end,
            ids,
            views,
            bucket,
            limit,
            offset,
            cursor,
            format,
            is_for_spreadsheets,
            settings,
            has_own_window,
            has_own_aggfunc,
        })
    }

    /// Whether rows of the history are requested, rather than those of a batch.
    fn is_of_history(&self) -> bool {
        let is_bounded = self.start.is_some() || self.end.is_some();
        is_bounded || self.cursor.is_some_and(|cursor| matches!(cursor.group, Group::Time(_)))
    }

    /// Whether the newest batch is requested as it was made.
    fn is_whole(&self) -> bool {
        let is_unchanged = !self.has_own_window && !self.has_own_aggfunc && self.bucket.is_none();
        !self.is_of_history() && self.ids.is_none() && !self.is_paged() && is_unchanged
    }

    fn is_paged(&self) -> bool {
        self.limit.is_some() || self.offset.is_some() || self.cursor.is_some()
    }

    /// The number of rows that the answer reads, about.
    fn cost(&self, service: &PipelineService) -> usize {
        if !self.is_of_history() {
            return if self.has_own_window { service.history().len() } else { 0 };
        }
        let Ok((rows, _)) = self.rows_of_history(service) else { return 0 };
        if self.ids.is_some() {
            return rows.len();
        }
        let rest = match self.cursor {
            Some(Cursor { group: Group::Time(nanos), .. }) => {
                let first = rows.all().partition_point(|time| time < nanos);
                rows.since(first)
            }
            _ => rows,
        };
        let page = rest.with_page(self.offset.unwrap_or(0), self.limit.unwrap_or(usize::MAX));
        match self.views.latest && page.len() > 0 {
            true => page.len() + page.number(0) - page.first_seen(self.settings.window),
            false => page.len(),
        }
    }

    /// The rows of the history in the closed range.
    fn rows_of_history(&self, service: &PipelineService) -> Result<(Selection, RollingSource), FrameError> {
        let (from, until) = (self.start.unwrap_or(Timestamp::MIN), self.end.unwrap_or(Timestamp::MAX));
        let is_stream = self.settings.rolling_scope == RollingScope::Stream;
        // Windows of a stream reach back beyond the range.
        let seen_from = if is_stream { from.saturating_sub(self.settings.window) } else { from };
        let measures = &self.settings.measures;
        let rows = service.history().rows(seen_from, until, measures);
        let first = rows.partition_point(|time| time < from.as_nanos());
        let options = self.settings.rolling_options();
        let rolled = match is_stream {
            true => RollingSource::Stream { windows: WindowsOver::new(&options, measures.count(), 0)?, fed: 0 },
            false => RollingSource::Own(RollingWindows::of_measures(&options, measures.count())?),
        };
        Ok((Selection::new(rows, first), rolled))
    }

    /// The rows of the history in the windows of these rows.
    fn rows_around(&self, rows: &Rows, service: &PipelineService) -> Rows {
        let Some(last) = rows.len().checked_sub(1) else { return Rows::new(rows.measures()) };
        let (first, last) = (Timestamp::from_nanos(rows.time(0)), Timestamp::from_nanos(rows.time(last)));
        service.history().rows(first.saturating_sub(self.settings.window), last, rows.measures())
    }

    /// The tables of some rows.
    fn tables(
        &self,
        rows: Selection,
        mut rolled: RollingSource,
        buckets: Option<Buckets>,
    ) -> Result<Tables, FrameError> {
        if let RollingSource::Stream { windows, fed } = &mut rolled {
            *fed = rows.first_seen(self.settings.window);
            *windows = WindowsOver::new(&self.settings.rolling_options(), rows.measures().count(), *fed)?;
        }
        let aggfunc = self.settings.aggfunc;
        let pivoted: Box<dyn Table> = match buckets {
            Some(buckets) => Box::new(Bucketed::new(rows.clone(), aggfunc, buckets)),
            None => Box::new(Pivoted::new(rows.clone(), aggfunc)),
        };
        Ok(vec![
            (Views::NAMES[0], Box::new(Latest::new(rows.clone(), rolled, self.settings.agg))),
            (Views::NAMES[1], Box::new(Melted::new(rows))),
            (Views::NAMES[2], pivoted),
        ])
    }

    /// The response with the requested ones of the tables.
    fn answer(&self, service: &PipelineService, mut tables: Tables) -> Response {
        tables.retain(|(name, _)| self.views.has(name));
        let encoder = self.format.encoder(service.clock(), self.is_for_spreadsheets);
        Response::flowing(self.format.content_type(), Answer::new(tables, encoder))
    }

    fn refuse_bucket(&self, sentence: String) -> ApiError {
        let given = self.bucket.map_or(InvalidInput::Nothing, |width| InvalidInput::Text(width.to_string()));
        ApiError::Unprocessable(vec![Problem::value("query", "bucket", sentence, given)])
    }
}

/// The rows of a batch in its own measures, from its table `latest`.
fn rows_of_batch(latest: &Frame) -> Result<Rows, ApiError> {
    let measures = Measures::new(measures_of(latest)).map_err(ApiError::Internal)?;
    let times = latest.column("timestamp")?.as_datetime().map(|times| times.to_vec());
    let ids = latest.column("id")?.as_strings().cloned();
    match (times, ids, float_columns(latest, measures.names())) {
        (Some(times), Some(ids), Some(values)) => Ok(Rows::from_range(&Range { times, ids, measures, values })),
        _ => Ok(Rows::new(&measures)),
    }
}

/// The columns of these names, if all of them are there.
fn float_columns(frame: &Frame, names: impl Iterator<Item = impl AsRef<str>>) -> Option<Vec<Vec<f64>>> {
    let column = |name: &str| frame.column(name).ok().and_then(Column::as_float).map(|values| values.to_vec());
    names.map(|name| column(name.as_ref())).collect()
}

/// The settings in force, with those that the request overrides.
fn own_settings(query: &mut Query, in_force: &Settings) -> Settings {
    let texts = OWN_SETTINGS.map(|name| (name, query.read(name, untrimmed)));
    let changes = texts.iter().filter_map(|(name, text)| Some((*name, Some(text.as_deref()?))));
    match in_force.merged(changes) {
        Ok(settings) => {
            if let Err(error) = Rolling::new(&settings.rolling_window()) {
                let given = InvalidInput::Text(settings.window.to_string());
                query.refuse(Problem::value("query", "window", error.to_string(), given));
            }
            settings
        }
        Err(errors) => {
            for error in errors {
                match &error.input {
                    Some(text) => query.refuse_value(&error.name, &error.message, text),
                    None => query.refuse(Problem::value("query", &error.name, error.message, InvalidInput::Nothing)),
                }
            }
            in_force.clone()
        }
    }
}

/// A text without blanks around it: settings in an address may have some, but the document allows none in a query.
fn untrimmed(text: &str) -> Result<String, String> {
    if text.trim() == text {
        Ok(text.to_owned())
    } else {
        Err(format!("\"{text}\" has blanks around it; leave them out"))
    }
}

/// The format that the query names, else the one that `Accept` prefers; all but JSON hold one table.
fn read_format(query: &mut Query, request: &Request, views: Views) -> Format {
    let named = query.read("format", Format::parse);
    let format = named.unwrap_or_else(|| request.header("accept").map_or(Format::Json, Format::from_accept));
    if format != Format::Json && views.count() != 1 {
        let (place, name) = if named.is_some() { ("query", "format") } else { ("header", "accept") };
        let msg = format!("{} holds one table; name it with views=latest, melted or pivoted", format.name());
        query.refuse(Problem::value(place, name, msg, InvalidInput::Text(format.name().to_owned())));
    }
    format
}

fn read_views(text: &str) -> Result<Views, String> {
    let mut views = Views::NONE;
    for name in text.split(',').filter(|name| !name.is_empty()) {
        match name {
            "latest" => views.latest = true,
            "melted" => views.melted = true,
            "pivoted" => views.pivoted = true,
            _ => return Err(format!("\"{}\" is not one of {}", cut(name), Views::NAMES.join(", "))),
        }
    }
    Ok(views)
}

fn read_bucket(text: &str) -> Result<Duration, String> {
    let width = Duration::parse(&untrimmed(text)?).map_err(|error| error.to_string())?;
    if width.as_nanos() > 0 { Ok(width) } else { Err(format!("\"{text}\" is no width; use at least 1ns")) }
}

/// What is said of a cursor whose batch is not kept, so that the rows behind it are not known.
const CURSOR_OF_GONE_ROWS: &str = "is of a batch that is no longer kept; begin again without it";

fn read_cursor(text: &str, is_bounded: bool) -> Result<Cursor, String> {
    let cursor = Cursor::parse(text)?;
    match cursor.group {
        Group::Batch(_) if is_bounded => {
            Err(format!("\"{text}\" is of a query without start and end; leave them out here"))
        }
        _ => Ok(cursor),
    }
}

fn refused_cursor(cursor: &Cursor, reason: &str) -> ApiError {
    let text = cursor.to_string();
    let msg = format!("\"{text}\" {reason}");
    ApiError::Unprocessable(vec![Problem::value("query", "cursor", msg, InvalidInput::Text(text))])
}

/// The same query behind a cursor, as an address relative to the base. It has every parameter of the query, unknown ones
/// too, but `offset`, which the cursor stands for.
fn next_page(query: &str, cursor: Cursor) -> String {
    const PATH: &str = "query?";
    let is_kept = |name: &str| name != "offset" && name != "cursor";
    let mut next = form_urlencoded::Serializer::for_suffix(PATH.to_owned(), PATH.len());
    next.extend_pairs(form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| is_kept(name)));
    next.append_pair("cursor", &cursor.to_string()).finish()
}
