package io.github.multiprom.cli;

import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Shows what the library logs as one line each on the standard error. */
final class LogLines extends Formatter {
  private LogLines() {}

  static void install() {
    // Somebody who configures the log wants it as configured.
    if (System.getProperty("java.util.logging.config.file") == null
        && System.getProperty("java.util.logging.config.class") == null) {
      Logger root = LogManager.getLogManager().getLogger("");
      for (Handler handler : root.getHandlers()) {
        handler.setFormatter(new LogLines());
      }
    }
  }

  @Override
  public String format(LogRecord record) {
    return "multiprom: " + formatMessage(record) + System.lineSeparator();
  }
}
