// The start script of a decoder: it loads the program that decodes Parquet, Arrow and zstd. The page that started it handles
// a failure as its error event.
import("./decoder.js").then(({ default: init }) => init()).catch(reportError);
