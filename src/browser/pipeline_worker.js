// The start script of the pipeline worker: it loads the worker's program. The page handles a failure as the worker's
// error event.
import("./worker.js").then(({ default: init }) => init()).catch(reportError);
