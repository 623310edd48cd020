package io.github.multiprom.internal.os;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.logging.ConsoleHandler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * The one log of this library, {@code io.github.multiprom}, in which nothing is said twice.
 * Thread-safe.
 *
 * <p>The key of a line says what is the same: its first word the kind, the rest the case. Each kind
 * has so many lines in the life of a process, errors and warnings apart, so that a flood of one
 * kind does not hide the others.
 */
public final class StoreLog {
  private static final int MAX_LINES_PER_KIND = 100;

  /** Kinds are words of the code; this is for a mistake there. */
  private static final int MAX_KINDS = 1000;

  private static final long MAX_WAIT_AT_EXIT_MS = 1000;

  // By level and kind.
  private static final Map<String, Set<String>> SAID = new ConcurrentHashMap<>();

  private static final ThreadLocal<HeldBack> HELD_BACK = new ThreadLocal<>();

  // Null for the JDK's logging.
  private static volatile BiConsumer<Level, String> writer;

  private record Line(Level level, String text) {}

  /** What a thread holds back, and how many releases are to come. */
  private static final class HeldBack {
    private final List<Line> lines = new ArrayList<>();
    private int depth;
  }

  private StoreLog() {}

  /**
   * Has all lines written by something else than the JDK's logging, which an application under an
   * agent may not have set up yet.
   */
  public static void writeTo(BiConsumer<Level, String> other) {
    writer = other;
  }

  /** Logs a warning, unless one with this key was logged before. */
  public static void warnOnce(String key, String message) {
    once(Level.WARNING, key, message);
  }

  /** Logs an error, unless one with this key was logged before. */
  public static void errorOnce(String key, String message) {
    once(Level.ERROR, key, message);
  }

  /**
   * Logs a warning in a JVM that ends. The logging of the JDK may have closed its handlers by then:
   * the line goes to the console as well if they are gone.
   */
  public static void warnAtExit(String key, String message) {
    if (writer != null) {
      // For who runs an application under an agent it is no warning.
      noteOnce(key, message);
      return;
    }
    warnOnce(key, message);
    try {
      if (Logger.getLogger("").getHandlers().length == 0) {
        String text = line(Level.WARNING, message).text;
        LogRecord record = new LogRecord(java.util.logging.Level.WARNING, text);
        record.setSourceClassName(StoreLog.class.getName());
        record.setSourceMethodName("write");
        new ConsoleHandler().publish(record);
      }
    } catch (RuntimeException | Error e) {
      // A JVM without java.util.logging uses another system, which has the line.
    }
  }

  /**
   * Logs an information, unless one with this key was logged before, in a thread of its own: a
   * worker opens while a class of the application is initialised, and an appender that needs this
   * class would wait for the thread that waits for the appender.
   *
   * <p>A JVM whose last thread ends meanwhile waits for the line, for a second at most.
   */
  public static void informOnce(String key, String message) {
    try {
      if (!isNew(Level.INFO, key)) {
        return;
      }
      Line line = line(Level.INFO, message);
      // No lambda, as in all that runs when a worker opens: a cold JVM pays for each.
      Runnable task =
          new Runnable() {
            @Override
            public void run() {
              try {
                write(line);
              } catch (RuntimeException | Error e) {
                // There is nowhere else to tell it.
              }
            }
          };
      Thread writing = OwnThreads.make(task, "multiprom-log");
      writing.setDaemon(true);
      writing.start();
      Runnable wait =
          new Runnable() {
            @Override
            public void run() {
              try {
                writing.join(MAX_WAIT_AT_EXIT_MS);
              } catch (InterruptedException e) {
                // Then it ends a little earlier.
              }
            }
          };
      Thread waiting = OwnThreads.make(wait, "multiprom-log-wait");
      waiting.setDaemon(false);
      waiting.start();
    } catch (RuntimeException | Error e) {
      // There is nowhere else to tell it.
    }
  }

  /** Logs an information in the calling thread, unless one with this key was logged before. */
  public static void noteOnce(String key, String message) {
    once(Level.INFO, key, message);
  }

  /**
   * Holds back what this thread logs until {@link #release()}, because it is about to take a lock:
   * an application's appender may lock, and count what it appends, so that a thread in it and one
   * in here would wait for each other. May be nested.
   */
  public static void hold() {
    HeldBack heldBack = HELD_BACK.get();
    if (heldBack == null) {
      heldBack = new HeldBack();
      HELD_BACK.set(heldBack);
    }
    heldBack.depth++;
  }

  /** Writes what was held back, if this is the last release. Never throws. */
  public static void release() {
    try {
      HeldBack heldBack = HELD_BACK.get();
      if (--heldBack.depth == 0) {
        HELD_BACK.remove();
        for (Line line : heldBack.lines) {
          write(line);
        }
      }
    } catch (RuntimeException | Error e) {
      // There is nowhere else to tell it.
    }
  }

  /** Never throws: a logging system that does must not end the request that has a line for it. */
  private static void once(Level level, String key, String message) {
    try {
      if (isNew(level, key)) {
        Line line = line(level, message);
        HeldBack heldBack = HELD_BACK.get();
        if (heldBack != null) {
          heldBack.lines.add(line);
        } else {
          write(line);
        }
      }
    } catch (RuntimeException | Error e) {
      // There is nowhere else to tell it.
    }
  }

  private static boolean isNew(Level level, String key) {
    int end = 0;
    while (end < key.length() && key.charAt(end) != ' ' && key.charAt(end) != '=') {
      end++;
    }
    String kind = level + key.substring(0, end);
    Set<String> said = SAID.get(kind);
    if (said == null) {
      if (SAID.size() >= MAX_KINDS) {
        return false;
      }
      Set<String> none = ConcurrentHashMap.newKeySet();
      Set<String> other = SAID.putIfAbsent(kind, none);
      said = other != null ? other : none;
    }
    // Bounded: keys may hold file names.
    return said.size() < MAX_LINES_PER_KIND && said.add(key);
  }

  /** Says everything anew. For tests, of which many run in one JVM. */
  static void forget() {
    SAID.clear();
  }

  private static Line line(Level level, String message) {
    return new Line(level, withoutControlCharacters(message));
  }

  /**
   * Names of files and workers may hold line feeds, which would forge lines of the log, and marks
   * that turn round what follows.
   */
  private static String withoutControlCharacters(String message) {
    StringBuilder text = new StringBuilder(message);
    for (int i = 0; i < text.length(); i++) {
      switch (Character.getType(text.charAt(i))) {
        case Character.CONTROL,
            Character.FORMAT,
            Character.LINE_SEPARATOR,
            Character.PARAGRAPH_SEPARATOR ->
            text.setCharAt(i, '?');
        default -> {}
      }
    }
    return text.toString();
  }

  /** Looks the logger up only when there is a line: the lookup loads a logging system. */
  private static void write(Line line) {
    BiConsumer<Level, String> other = writer;
    if (other != null) {
      other.accept(line.level, line.text);
    } else {
      System.getLogger("io.github.multiprom").log(line.level, line.text);
    }
  }
}
