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

  private static final ThreadLocal<HeldBack> HELD_BACK = new ThreadLocal<>();

  private record Line(Level level, String text) {}

  /** What a thread holds back, and how many releases are to come. */
  private static final class HeldBack {
    private final List<Line> lines = new ArrayList<>();
    private int depth;
  }

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
      // Bounded: keys may hold file names.
      if (SAID.size() < MAX_KEYS && SAID.add(key)) {
        Line line = new Line(level, CONTROL_CHARACTERS.matcher(message).replaceAll("?"));
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

  /** The logger is looked up when something is to be said: that loads a logging system. */
  private static void write(Line line) {
    System.getLogger("io.github.multiprom").log(line.level, line.text);
  }
}
