//! `GET /query`: rows of the history, or of the newest batch, transformed for this request.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use crate::api::answer::Answer;
use crate::api::encode::Format;
use crate::api::encode::json::Views;
use crate::api::extract::query::Query;
use crate::api::tables::{Bucketed, Buckets, Latest, Melted, Pivoted, Ready, RollingSource, Selection, Table};
use crate::api::{ApiError, App, InvalidInput, Problem, Request, Response};
use crate::frame::ops::{Rolling, RollingOver};
use crate::frame::{Column, Frame, FrameError};
use crate::pipeline::{Batch, Id, RollingScope, Settings, rolling_name};
use crate::service::match_batch;
use crate::store::{Range, Rows};
use crate::time::{Duration, Timestamp};

/// Settings that a request may override.
const OWN_SETTINGS: [&str; 5] = ["window", "min_periods", "closed", "agg", "aggfunc"];

/// The parsed request.
struct Wanted {
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    ids: Option<FxHashSet<Id>>,
    views: Views,
    bucket: Option<Duration>,
    limit: Option<usize>,
    offset: Option<usize>,
    format: Format,
    /// The settings in force, with those that the request overrides.
    settings: Settings,
    /// Whether the rolling aggregate differs from that of the stream.
    has_own_window: bool,
}

pub(crate) fn get(app: &mut App, request: &Request, _: Timestamp) -> Result<Response, ApiError> {
    let wanted = Wanted::read(app, request)?;
    let latest = app.service().engine().latest().cloned();
    let (selection, rolled) = match latest {
        _ if wanted.is_bounded() => wanted.rows_of_history(app)?,
        Some(batch) if wanted.is_whole() => return Ok(wanted.answer(app, ready(&batch))),
        Some(batch) => wanted.rows_of_batch(app, &batch)?,
        None => (Selection::new(Rows::default(), 0), RollingSource::Known(Rc::default())),
    };
    let total = selection.len();
    let (offset, limit) = (wanted.offset.unwrap_or(0), wanted.limit.unwrap_or(usize::MAX));
    let page = selection.with_page(offset, limit);
    let rows = page.len();
    let response = match (rows, wanted.format) {
        (0, Format::Json) => Response::json(b"{}".to_vec()),
        _ => wanted.answer(app, wanted.tables(app, page, rolled)?),
    };
    if !wanted.is_paged() {
        return Ok(response);
    }
    let response = response.with_header("X-Total-Count", total.to_string());
    let next = offset.saturating_add(rows);
    Ok(if rows > 0 && next < total {
        response.with_header("Link", format!("<{}>; rel=\"next\"", next_page(&request.query, next)))
    } else {
        response
    })
}

/// The tables of a response by name, in order.
type Tables = Vec<(&'static str, Box<dyn Table>)>;

/// The tables of a batch, as they were made.
fn ready(batch: &Batch) -> Tables {
    let tables = &batch.tables;
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
        let ids = query.list("ids").map(|ids| ids.iter().filter_map(|id| Id::parse(id).ok()).collect());
        let views = query.read("views", read_views).unwrap_or(Views::ALL);
        let in_force = app.service().engine().settings();
        let settings = own_settings(&mut query, in_force);
        let bucket = query.read("bucket", read_bucket);
        let (limit, offset) = (query.count("limit"), query.count("offset"));
        let format = read_format(&mut query, request, views);
        query.finish()?;
        let has_own_window = settings.rolling_window() != in_force.rolling_window();
        Ok(Self { start, end, ids, views, bucket, limit, offset, format, settings, has_own_window })
    }

    fn is_bounded(&self) -> bool {
        self.start.is_some() || self.end.is_some()
    }

    /// Whether the newest batch is requested as it was made.
    fn is_whole(&self) -> bool {
        let is_unchanged = !self.has_own_window && self.bucket.is_none();
        self.ids.is_none() && !self.is_paged() && is_unchanged
    }

    fn is_paged(&self) -> bool {
        self.limit.is_some() || self.offset.is_some()
    }

    /// The rows of the history in the closed range.
    fn rows_of_history(&self, app: &App) -> Result<(Selection, RollingSource), FrameError> {
        let (from, until) = (self.start.unwrap_or(Timestamp::MIN), self.end.unwrap_or(Timestamp::MAX));
        let is_stream = self.settings.rolling_scope == RollingScope::Stream;
        // Windows of a stream reach back beyond the range.
        let seen_from = if is_stream { from.saturating_sub(self.settings.window) } else { from };
        let rows = app.service().history().rows(seen_from, until);
        let first = rows.partition_point(|time| time < from.as_nanos());
        let window = self.settings.rolling_window();
        let rolled = match is_stream {
            true => RollingSource::Stream { rolling: RollingOver::new(&window, 0)?, fed: 0 },
            false => RollingSource::Own(Rolling::new(&window)?),
        };
        Ok((self.select(rows, first), rolled))
    }

    /// The rows of the newest batch.
    fn rows_of_batch(&self, app: &App, batch: &Batch) -> Result<(Selection, RollingSource), FrameError> {
        let latest = &batch.tables.latest;
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
            (RollingScope::Batch, _) => RollingSource::Own(Rolling::new(&self.settings.rolling_window())?),
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
        let mut rolling = Rolling::new(&self.settings.rolling_window())?;
        let mut kept: Vec<(i64, f64, f64)> = Vec::with_capacity(around.len());
        around.visit(0..around.len(), |time, value| kept.push((time, value, rolling.push(time, value))));
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
        if let RollingSource::Stream { rolling, fed } = &mut rolled {
            *fed = rows.first_seen(self.settings.window);
            *rolling = RollingOver::new(&self.settings.rolling_window(), *fed)?;
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
        Response::flowing(self.format.content_type(), Answer::new(tables, self.format.encoder(app.service().clock())))
    }
}

/// The settings in force, with those that the request overrides.
fn own_settings(query: &mut Query, in_force: &Settings) -> Settings {
    let texts = OWN_SETTINGS.map(|name| (name, query.text(name).map(str::to_owned)));
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
                let given = error.input.map_or(InvalidInput::Nothing, InvalidInput::Text);
                query.refuse(Problem::value("query", &error.name, error.message, given));
            }
            in_force.clone()
        }
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
    for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        match name {
            "latest" => views.latest = true,
            "melted" => views.melted = true,
            "pivoted" => views.pivoted = true,
            _ => return Err(format!("\"{name}\" is not one of {}", Views::NAMES.join(", "))),
        }
    }
    Ok(views)
}

fn read_bucket(text: &str) -> Result<Duration, String> {
    let width = Duration::parse(text).map_err(|error| error.to_string())?;
    if width.as_nanos() > 0 { Ok(width) } else { Err(format!("\"{text}\" is no width; use at least 1ns")) }
}

/// The same query from another offset, as an address relative to the base.
fn next_page(query: &str, offset: usize) -> String {
    let mut next = form_urlencoded::Serializer::new("query?".to_owned());
    let pairs = next.extend_pairs(form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "offset"));
    pairs.append_pair("offset", &offset.to_string()).finish()
}
