//! `GET /query`: rows of the history, or of the newest batch, transformed anew.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::api::encode::json::{self, Views};
use crate::api::extract::query::Query;
use crate::api::{ApiError, App, Request, Response};
use crate::frame::{FrameError, Strings};
use crate::pipeline::{Batch, RollingScope, Tables, moving_name, moving_of_range, rows_frame, tables};
use crate::time::Timestamp;

/// Parameters of the contract that this version does not know yet: ignoring them would answer another question.
const NOT_YET: [&str; 7] = ["window", "min_periods", "closed", "agg", "aggfunc", "bucket", "format"];

/// What is asked for.
struct Wanted {
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    ids: Option<Vec<String>>,
    views: Views,
    limit: Option<usize>,
    offset: Option<usize>,
}

/// Rows in time order with their moving aggregate, and how many matched before paging.
struct Matched {
    times: Vec<i64>,
    ids: Strings,
    values: Vec<f64>,
    moving: Vec<f64>,
    total: usize,
}

pub(crate) fn get(app: &mut App, request: &Request, _: Timestamp) -> Result<Response, ApiError> {
    let wanted = Wanted::read(app, request)?;
    let is_bounded = wanted.start.is_some() || wanted.end.is_some();
    let latest = app.engine().latest().cloned();
    let matched = match (is_bounded, latest) {
        (true, _) => wanted.rows_of_history(app)?,
        (false, None) => return Ok(Response::json(b"{}".to_vec())),
        (false, Some(batch)) if wanted.is_whole() => {
            return Ok(Response::json(json::tables(&batch.tables, wanted.views, app.clock())));
        }
        (false, Some(batch)) => wanted.rows_of_batch(app, &batch)?,
    };
    let (total, rows) = (matched.total, matched.times.len());
    let body = match rows {
        0 => b"{}".to_vec(),
        _ => json::tables(&matched.into_tables(app)?, wanted.views, app.clock()),
    };
    let mut response = Response::json(body);
    if wanted.is_paged() {
        response = response.with_header("X-Total-Count", total.to_string());
        let next = wanted.offset.unwrap_or(0) + rows;
        if rows > 0 && next < total {
            response = response.with_header("Link", format!("<{}>; rel=\"next\"", next_page(&request.query, next)));
        }
    }
    Ok(response)
}

impl Wanted {
    /// Reads the parameters, and reports every bad one at once.
    fn read(app: &App, request: &Request) -> Result<Self, ApiError> {
        let mut query = Query::parse(&request.query);
        let wanted = Self {
            start: query.instant("start", app.clock()),
            end: query.instant("end", app.clock()),
            ids: query.list("ids"),
            views: query.read("views", read_views).unwrap_or(Views::ALL),
            limit: query.count("limit"),
            offset: query.count("offset"),
        };
        for name in NOT_YET {
            query.read(name, |text| match (name, text) {
                ("format", "json") => Ok(()),
                _ => Err(format!("this version does not know \"{name}\" yet; leave it out")),
            });
        }
        query.finish()?;
        Ok(wanted)
    }

    /// Whether the whole batch is wanted.
    fn is_whole(&self) -> bool {
        self.ids.is_none() && !self.is_paged()
    }

    fn is_paged(&self) -> bool {
        self.limit.is_some() || self.offset.is_some()
    }

    /// The rows of the history in the closed range.
    fn rows_of_history(&self, app: &App) -> Result<Matched, FrameError> {
        let settings = app.engine().settings();
        let (from, until) = (self.start.unwrap_or(Timestamp::MIN), self.end.unwrap_or(Timestamp::MAX));
        if self.ids.is_none() {
            let (offset, limit) = (self.offset.unwrap_or(0), self.limit.unwrap_or(usize::MAX));
            let range = app.history().range(from, until, offset, limit);
            // Skipped rows of the first row's instant still belong to its window.
            let skipped = range.times.first().map_or(0, |first| {
                let before = app.history().count(from, Timestamp::from_nanos(*first - 1));
                offset.saturating_sub(before)
            });
            let moving = moving_of_range(settings, &range.times, &range.values, skipped, app.store())?;
            let total = app.history().count(from, until);
            return Ok(Matched { times: range.times, ids: range.ids, values: range.values, moving, total });
        }
        let range = app.history().range(from, until, 0, usize::MAX);
        match settings.rolling_scope {
            // A moving average belongs to the stream, so a row has the same one whichever rows are shown beside it.
            RollingScope::Stream => {
                let moving = moving_of_range(settings, &range.times, &range.values, 0, app.store())?;
                Ok(self.pick(&range.times, &range.ids, &range.values, Some(&moving)))
            }
            RollingScope::Batch => self.pick(&range.times, &range.ids, &range.values, None).rolled(app),
        }
    }

    /// The rows of the newest batch.
    fn rows_of_batch(&self, app: &App, batch: &Arc<Batch>) -> Result<Matched, FrameError> {
        let settings = app.engine().settings();
        let rows = &batch.tables.latest;
        let floats = |name: &str| Ok::<_, FrameError>(rows.column(name)?.as_float().map_or(&[][..], |values| values));
        let times = rows.column("timestamp")?.as_datetime().map_or(&[][..], |times| times);
        let Some(ids) = rows.column("id")?.as_strings() else { return Ok(Matched::none()) };
        // The settings may have changed since; the batch keeps the column that it was made with.
        let moving = floats(&moving_name(settings.agg)).ok().filter(|_| settings.rolling_scope == RollingScope::Stream);
        let picked = self.pick(times, ids, floats("value")?, moving);
        if moving.is_some() { Ok(picked) } else { picked.rolled(app) }
    }

    /// The rows whose id is wanted, then the page of them.
    fn pick(&self, times: &[i64], ids: &Strings, values: &[f64], moving: Option<&[f64]>) -> Matched {
        let wanted: Option<FxHashSet<&str>> = self.ids.as_ref().map(|ids| ids.iter().map(String::as_str).collect());
        let mut rows: Vec<u32> = (0..times.len() as u32).collect();
        if let Some(wanted) = wanted {
            rows.retain(|row| ids.get(*row as usize).is_some_and(|id| wanted.contains(&*id)));
        }
        let total = rows.len();
        let offset = self.offset.unwrap_or(0).min(total);
        let limit = self.limit.unwrap_or(usize::MAX).min(total - offset);
        let page = &rows[offset..offset + limit];
        let take = |values: &[f64]| page.iter().map(|row| values[*row as usize]).collect();
        Matched {
            times: page.iter().map(|row| times[*row as usize]).collect(),
            ids: ids.take(page),
            values: take(values),
            moving: moving.map_or_else(Vec::new, take),
            total,
        }
    }
}

impl Matched {
    fn none() -> Self {
        Self {
            times: Vec::new(),
            ids: Strings::from_iter([None::<&str>; 0]),
            values: Vec::new(),
            moving: Vec::new(),
            total: 0,
        }
    }

    /// With windows that start afresh at the first row.
    fn rolled(mut self, app: &App) -> Result<Self, FrameError> {
        self.moving = moving_of_range(app.engine().settings(), &self.times, &self.values, 0, app.store())?;
        Ok(self)
    }

    fn into_tables(self, app: &App) -> Result<Tables, FrameError> {
        tables(rows_frame(self.times, self.ids, self.values)?, self.moving, app.engine().settings())
    }
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

/// The same query from another offset, as an address relative to the base.
fn next_page(query: &str, offset: usize) -> String {
    let mut next = form_urlencoded::Serializer::new("query?".to_owned());
    let pairs = next.extend_pairs(form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "offset"));
    pairs.append_pair("offset", &offset.to_string()).finish()
}
