package io.github.multiprom.metrics;

import io.github.multiprom.internal.os.ForgottenLog;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the library logs while this is open. */
final class LogLines extends Handler implements AutoCloseable {
  // Strong: a logger that nobody holds forgets its handlers.
  private final Logger logger = Logger.getLogger("io.github.multiprom");
  private final List<String> lines = new CopyOnWriteArrayList<>();

  LogLines() {
    ForgottenLog.forget();
    logger.addHandler(this);
    logger.setUseParentHandlers(false);
  }

  /** The lines that contain a text. */
  List<String> containing(String text) {
    return lines.stream().filter(line -> line.contains(text)).toList();
  }

  @Override
  public void publish(LogRecord logged) {
    lines.add(logged.getLevel() + " " + logged.getMessage());
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
    logger.setUseParentHandlers(true);
  }
}
