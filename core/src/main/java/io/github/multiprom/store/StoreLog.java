package io.github.multiprom.store;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** The one log of this library, {@code io.github.multiprom}, in which nothing is said twice. */
public final class StoreLog {
  private static final int MAX_KEYS = 1000;

  /** Names of files may hold line feeds, which would forge lines of the log. */
  private static final Pattern CONTROL_CHARACTERS = Pattern.compile("\\p{Cntrl}");

  private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

  private static final ThreadLocal<List<Line>> HELD_BACK = new ThreadLocal<>();

  private record Line(Level level, String text) {}

  private StoreLog() {}

  /** Logs a warning, unless one with this key was logged before. */
  public static void warnOnce(String key, String message) {
    once(Level.WARNING, key, message);
  }

  /** Logs an error, unless one with this key was logged before. */
  public static void errorOnce(String key, String message) {
    once(Level.ERROR, key, message);
  }

  /**
   * Holds back what this thread logs until {@link #release()}, because it is about to take a lock:
   * an application's appender may lock, and count what it appends, so that a thread in it and one
   * in here would wait for each other.
   */
  public static void hold() {
    HELD_BACK.set(new ArrayList<>());
  }

  /** Writes what was held back. */
  public static void release() {
    List<Line> lines = HELD_BACK.get();
    HELD_BACK.remove();
    for (Line line : lines) {
      write(line);
    }
  }

  private static void once(Level level, String key, String message) {
    try {
      onceIfPossible(level, key, message);
    } catch (LinkageError e) {
      // The class loader was closed, and the thread that has this line must go on.
    }
  }

  private static void onceIfPossible(Level level, String key, String message) {
    // Bounded: keys may hold file names.
    if (SAID.size() < MAX_KEYS && SAID.add(key)) {
      Line line = new Line(level, CONTROL_CHARACTERS.matcher(message).replaceAll("?"));
      List<Line> heldBack = HELD_BACK.get();
      if (heldBack != null) {
        heldBack.add(line);
      } else {
        write(line);
      }
    }
  }

  /** Never throws: a logging system that does must not end the request that has a line for it. */
  private static void write(Line line) {
    try {
      // Looked up when something is to be said: that loads a logging system.
      System.getLogger("io.github.multiprom").log(line.level, line.text);
    } catch (RuntimeException | Error e) {
      // There is nowhere else to tell it.
    }
  }
}
