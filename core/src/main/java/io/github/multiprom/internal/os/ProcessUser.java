package io.github.multiprom.internal.os;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * The user as whom a process runs, as the kernel tells it. Immutable.
 *
 * @param uid the effective user id; {@link #UNKNOWN} where there is no {@code /proc}
 * @param mayGiveFiles whether the process has the capability to give files to other users
 * @param uidMap the user ids of its user namespace, as {@code /proc/self/uid_map} lists them
 */
public record ProcessUser(long uid, boolean mayGiveFiles, String uidMap) {
  public static final long UNKNOWN = -1;
  public static final long ROOT = 0;

  private static final int CAP_CHOWN = 1;

  /** The map of a kernel without user namespaces, and of the first one of any other. */
  public static final String ALL_IDS = "0 0 4294967295";

  private static final ProcessUser CURRENT =
      parse(read("/proc/self/status", ""), read("/proc/self/uid_map", ALL_IDS));

  /** The user of this process. */
  public static ProcessUser current() {
    return CURRENT;
  }

  /**
   * The user of a process.
   *
   * <p>The owner of {@code /proc/self} does not tell it: that is root for a process that may not be
   * traced.
   *
   * @param status its {@code /proc/<pid>/status}
   */
  static ProcessUser parse(String status, String uidMap) {
    // The real, the effective, the saved and the file system's.
    String[] uids = words(field(status, "Uid:"));
    long uid = uids.length > 1 ? number(uids[1], 10) : UNKNOWN;
    long capabilities = number(field(status, "CapEff:").trim(), 16);
    return new ProcessUser(uid, capabilities > 0 && (capabilities & CAP_CHOWN) != 0, uidMap);
  }

  /**
   * Whether a user id stands for one user: all users that a user namespace does not know show as
   * the same id there.
   */
  public boolean isMapped(long user) {
    return outside(user) != UNKNOWN;
  }

  /**
   * The id of a user outside of the process' user namespace, by which other processes know it;
   * {@link #UNKNOWN} if there is none.
   */
  public long outside(long user) {
    return mapped(user, 0, 1);
  }

  /** The other way round. */
  public long inside(long user) {
    return mapped(user, 1, 0);
  }

  /** A line of the map: the first id inside, the first one outside, how many. */
  private long mapped(long user, int from, int to) {
    for (String line : uidMap.split("\n", -1)) {
      String[] range = words(line);
      if (range.length == 3) {
        long ahead = user - number(range[from], 10);
        if (ahead >= 0 && ahead < number(range[2], 10)) {
          return number(range[to], 10) + ahead;
        }
      }
    }
    return UNKNOWN;
  }

  private static String field(String status, String name) {
    int at = status.startsWith(name) ? 0 : status.indexOf("\n" + name) + 1;
    if (!status.startsWith(name, at)) {
      return "";
    }
    int end = status.indexOf('\n', at);
    return status.substring(at + name.length(), end < 0 ? status.length() : end);
  }

  private static String[] words(String text) {
    return text.trim().split("\\s+");
  }

  private static long number(String digits, int radix) {
    try {
      return Long.parseLong(digits, radix);
    } catch (NumberFormatException e) {
      return UNKNOWN;
    }
  }

  private static String read(String path, String otherwise) {
    // Not by a channel, which needs direct memory.
    try (InputStream file = new FileInputStream(path)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException | RuntimeException e) {
      return otherwise;
    }
  }
}
