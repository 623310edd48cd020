package io.github.multiprom.metrics;

import io.github.multiprom.internal.os.StoreLog;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * Log lines that come up while a lock is held; written later by a thread that holds none.
 * Thread-safe. {@link StoreLog#hold} says why, and is for threads of this library: a thread of the
 * application may have no stack left to release what it holds back, and here another one writes it.
 */
final class LaterLog {
  private record Line(boolean isError, String key, String text) {}

  private final Set<String> known = new HashSet<>();
  private final Deque<Line> lines = new ArrayDeque<>();

  /** Notes a warning, unless one with this key was noted before. */
  void add(String key, String text) {
    add(new Line(false, key, text));
  }

  /** Notes an error, unless a line with this key was noted before. */
  void addError(String key, String text) {
    add(new Line(true, key, text));
  }

  private synchronized void add(Line line) {
    if (known.add(line.key)) {
      lines.add(line);
    }
  }

  /** Writes what was noted. */
  void write() {
    for (Line line = next(); line != null; line = next()) {
      if (line.isError) {
        StoreLog.errorOnce(line.key, line.text);
      } else {
        StoreLog.warnOnce(line.key, line.text);
      }
    }
  }

  private synchronized Line next() {
    return lines.poll();
  }
}
