//! `GET /query`: rows of the history, or of the newest batch, transformed for this request.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use crate::api::answer::Answer;
use crate::api::encode::Format;
use crate::api::encode::json::Views;
use crate::api::extract::query::{Query, cut};
use crate::api::tables::{
    Bucketed, Buckets, Cursor, Group, Latest, Melted, Pivoted, Ready, RollingSource, Selection, Table, WindowsOver,
};
use crate::api::{ApiError, App, InvalidInput, Problem, Request, Response};
use crate::frame::ops::Rolling;
use crate::frame::{Column, Frame, FrameError};
use crate::pipeline::{Id, RollingScope, RollingWindows, Settings, Tables as BatchTables, read_ids, rolling_name};
use crate::service::match_batch;
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

pub(crate) fn get(app: &mut App, request: &Request, _: Timestamp) -> Result<Response, ApiError> {
    let wanted = Wanted::read(app, request)?;
    let newest = app.service().engine().latest();
    if let Some(newest) = newest.filter(|_| wanted.is_whole()) {
        return Ok(wanted.answer(app, ready(&newest.tables)));
    }
    let (selection, rolled, batch) = wanted.rows(app)?;
    let total = selection.len();
    let rest = match &wanted.cursor {
        Some(cursor) => {
            let next = cursor.next_row(selection.all()).ok_or_else(|| refused_cursor(cursor, CURSOR_OF_GONE_ROWS))?;
            selection.since(next)
        }
        None => selection,
    };
    let offset = wanted.offset.unwrap_or(0);
    let left = rest.len().saturating_sub(offset);
    let page = rest.with_page(offset, wanted.limit.unwrap_or(usize::MAX));
    let rows = page.len();
    let next = (0 < rows && rows < left).then(|| Cursor::behind(page.all(), page.number(rows - 1), batch));
    let response = match (rows, wanted.format) {
        (0, Format::Json) => Response::json(b"{}".to_vec()),
        _ => wanted.answer(app, wanted.tables(app, page, rolled)?),
    };
    if !wanted.is_paged() {
        return Ok(response);
    }
    let response = response.with_header("X-Total-Count", total.to_string());
    Ok(match next {
        Some(next) => response.with_header("Link", format!("<{}>; rel=\"next\"", next_page(&request.query, next))),
        None => response,
    })
}

/// The tables of a response by name, in order.
type Tables = Vec<(&'static str, Box<dyn Table>)>;

/// The tables of a batch, as they were made.
fn ready(tables: &BatchTables) -> Tables {
    let ready = |frame: &Frame| -> Box<dyn Table> { Box::new(Ready::new(frame.clone())) };
    vec![
        (Views::NAMES[0], ready(&tables.latest)),
        (Views::NAMES[1], ready(&tables.melted)),
        (Views::NAMES[2], ready(&tables.pivoted)),
    ]
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

    /// The rows that match, and the number of their batch if they are of one.
    fn rows(&self, app: &App) -> Result<(Selection, RollingSource, Option<u64>), ApiError> {
        if self.is_of_history() {
            let (selection, rolled) = self.rows_of_history(app)?;
            return Ok((selection, rolled, None));
        }
        let engine = app.service().engine();
        let (number, latest) = match &self.cursor {
            Some(cursor @ Cursor { group: Group::Batch(number), .. }) => {
                let recent = engine.recent();
                let place = number.checked_sub(recent.first()).and_then(|place| usize::try_from(place).ok());
                let kept = place.and_then(|place| recent.latest().nth(place));
                (*number, kept.ok_or_else(|| refused_cursor(cursor, CURSOR_OF_GONE_ROWS))?)
            }
            _ => match engine.latest() {
                Some(newest) => (newest.number, &newest.tables.latest),
                None => return Ok((Selection::new(Rows::default(), 0), RollingSource::Known(Rc::default()), None)),
            },
        };
        let (selection, rolled) = self.rows_of_batch(app, latest)?;
        Ok((selection, rolled, Some(number)))
    }

    /// The rows of the history in the closed range.
    fn rows_of_history(&self, app: &App) -> Result<(Selection, RollingSource), FrameError> {
        let (from, until) = (self.start.unwrap_or(Timestamp::MIN), self.end.unwrap_or(Timestamp::MAX));
        let is_stream = self.settings.rolling_scope == RollingScope::Stream;
        // Windows of a stream reach back beyond the range.
        let seen_from = if is_stream { from.saturating_sub(self.settings.window) } else { from };
        let rows = app.service().history().rows(seen_from, until);
        let first = rows.partition_point(|time| time < from.as_nanos());
        let options = self.settings.rolling_options();
        let rolled = match is_stream {
            true => RollingSource::Stream { windows: WindowsOver::new(&options, 0)?, fed: 0 },
            false => RollingSource::Own(RollingWindows::new(&options)?),
        };
        Ok((self.select(rows, first), rolled))
    }

    /// The rows of a batch, from its table `latest`.
    fn rows_of_batch(&self, app: &App, latest: &Frame) -> Result<(Selection, RollingSource), FrameError> {
        let floats = |name: &str| latest.column(name).ok().and_then(Column::as_float);
        let (Some(times), Some(ids), Some(values)) =
            (latest.column("timestamp")?.as_datetime(), latest.column("id")?.as_strings(), floats("value"))
        else {
            return Ok((Selection::new(Rows::default(), 0), RollingSource::Known(Rc::default())));
        };
        let rows = Rows::from_range(&Range { times: times.to_vec(), ids: ids.clone(), values: values.to_vec() });
        // The settings may have changed since; the batch keeps its column.
        let own = floats(&rolling_name(self.settings.agg)).filter(|_| !self.has_own_window);
        let rolled = match (self.settings.rolling_scope, own) {
            (RollingScope::Batch, _) => RollingSource::Own(RollingWindows::new(&self.settings.rolling_options())?),
            (RollingScope::Stream, Some(own)) => RollingSource::Known(Rc::new(own.to_vec())),
            (RollingScope::Stream, None) => RollingSource::Known(Rc::new(self.rolling_of_batch(app, &rows)?)),
        };
        Ok((self.select(rows, 0), rolled))
    }

    /// The rolling aggregate, as part of the stream, of rows that the history holds among others.
    fn rolling_of_batch(&self, app: &App, rows: &Rows) -> Result<Vec<f64>, FrameError> {
        let mut rolled = vec![f64::NAN; rows.len()];
        let Some(last) = rows.len().checked_sub(1) else { return Ok(rolled) };
        let (first, last) = (Timestamp::from_nanos(rows.time(0)), Timestamp::from_nanos(rows.time(last)));
        let around = app.service().history().rows(first.saturating_sub(self.settings.window), last);
        let mut windows = RollingWindows::new(&self.settings.rolling_options())?;
        let mut kept: Vec<(i64, f64, f64)> = Vec::with_capacity(around.len());
        around.visit_rows(0..around.len(), |time, id, value| {
            kept.push((time, value, windows.push(time, value, || id.clone())));
        });
        let is_same = |row: usize, own: usize| {
            (kept[row].0, kept[row].1.to_bits()) == (rows.time(own), rows.value(own).to_bits())
                && around.id(row) == rows.id(own)
        };
        for (row, own) in match_batch(kept.len(), 0..rows.len(), is_same) {
            if let Some(own) = own {
                rolled[own] = kept[row].2;
            }
        }
        Ok(rolled)
    }

    /// The rows from number `first` on that have a requested id.
    fn select(&self, rows: Rows, first: usize) -> Selection {
        let selection = Selection::new(rows, first);
        match &self.ids {
            Some(ids) => selection.with_ids(ids),
            None => selection,
        }
    }

    /// The tables of some rows.
    fn tables(&self, app: &App, rows: Selection, mut rolled: RollingSource) -> Result<Tables, ApiError> {
        if let RollingSource::Stream { windows, fed } = &mut rolled {
            *fed = rows.first_seen(self.settings.window);
            *windows = WindowsOver::new(&self.settings.rolling_options(), *fed)?;
        }
        let pivoted: Box<dyn Table> = match self.bucket {
            Some(width) if self.views.pivoted => {
                let buckets = Buckets::new(&rows, width, app.service().clock()).map_err(|sentence| {
                    let given = InvalidInput::Text(width.to_string());
                    ApiError::Unprocessable(vec![Problem::value("query", "bucket", sentence, given)])
                })?;
                Box::new(Bucketed::new(rows.clone(), self.settings.aggfunc, buckets))
            }
            _ => Box::new(Pivoted::new(rows.clone(), self.settings.aggfunc)),
        };
        Ok(vec![
            (Views::NAMES[0], Box::new(Latest::new(rows.clone(), rolled, rolling_name(self.settings.agg)))),
            (Views::NAMES[1], Box::new(Melted::new(rows))),
            (Views::NAMES[2], pivoted),
        ])
    }

    /// The response with the requested ones of the tables.
    fn answer(&self, app: &App, mut tables: Tables) -> Response {
        tables.retain(|(name, _)| self.views.has(name));
        let encoder = self.format.encoder(app.service().clock(), self.is_for_spreadsheets);
        Response::flowing(self.format.content_type(), Answer::new(tables, encoder))
    }
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
