package io.github.multiprom.store;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** The one log of this library, {@code io.github.multiprom}, in which nothing is said twice. */
public final class StoreLog {
  private static final int MAX_KEYS = 1000;

  /** Names of files may hold line feeds, which would forge lines of the log. */
  private static final Pattern CONTROL_CHARACTERS = Pattern.compile("\\p{Cntrl}");

  private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

  private StoreLog() {}

  /** Logs a warning, unless one with this key was logged before. */
  public static void warnOnce(String key, String message) {
    once(Level.WARNING, key, message);
  }

  /** Logs an error, unless one with this key was logged before. */
  public static void errorOnce(String key, String message) {
    once(Level.ERROR, key, message);
  }

  private static void once(Level level, String key, String message) {
    // Bounded: keys may hold file names.
    if (SAID.size() < MAX_KEYS && SAID.add(key)) {
      logger().log(level, CONTROL_CHARACTERS.matcher(message).replaceAll("?"));
    }
  }

  /** Looked up when something is to be said: that loads a logging system. */
  private static Logger logger() {
    return System.getLogger("io.github.multiprom");
  }
}
