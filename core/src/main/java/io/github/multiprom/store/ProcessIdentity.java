package io.github.multiprom.store;

import io.github.multiprom.model.Incarnation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * What a kernel tells about a process: for people, and as a second opinion on whether it lives.
 * Immutable.
 *
 * @param pid process id in its own pid namespace
 * @param startTicks start time in clock ticks since boot; 0 where there is no {@code /proc}
 * @param pidNamespace inode of the pid namespace; 0 where unknown
 * @param bootId the kernel's boot id; zeros where unknown
 * @param host the host's name; empty where unknown
 */
record ProcessIdentity(
    long pid, long startTicks, long pidNamespace, Incarnation bootId, String host) {
  private static final Incarnation UNKNOWN_BOOT = new Incarnation(0, 0);

  /** The identity of this process. */
  static ProcessIdentity current() {
    return new ProcessIdentity(
        ownPid(), startTicks(read("/proc/self/stat")), pidNamespaceOfSelf(), boot(), hostName());
  }

  private static long ownPid() {
    String stat = read("/proc/self/stat");
    long pid = number(stat.substring(0, Math.max(0, stat.indexOf(' '))));
    // Starts a thread pool, so only where it must be.
    return pid != 0 ? pid : ProcessHandle.current().pid();
  }

  /**
   * Whether no process with a pid runs that started then. Only what is surely gone is: a process
   * that is short of descriptors cannot tell.
   *
   * @param startTicks when it started, in clock ticks since boot
   */
  static boolean isGone(long pid, long startTicks) {
    try {
      return startTicks(Files.readString(Path.of("/proc/" + pid + "/stat"))) != startTicks;
    } catch (NoSuchFileException e) {
      return true;
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }

  /**
   * When a process started by its {@code stat}, in clock ticks since boot; 0 if none runs. A
   * zombie, which has ended but was not waited for by its parent, does not run.
   */
  private static long startTicks(String stat) {
    // The second field is the command in parentheses and may hold spaces and parentheses itself.
    int start = stat.lastIndexOf(')') + 1;
    if (start == 0 || stat.startsWith(" Z", start) || stat.startsWith(" X", start)) {
      return 0;
    }
    int field = 2;
    for (int i = start; i < stat.length(); i++) {
      if (stat.charAt(i) == ' ' && ++field == 22) {
        return number(stat.substring(i + 1, stat.indexOf(' ', i + 1)));
      }
    }
    return 0;
  }

  private static long pidNamespaceOfSelf() {
    try {
      String link = Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
      return number(link.substring(link.indexOf('[') + 1, link.length() - 1));
    } catch (IOException | RuntimeException e) {
      return 0;
    }
  }

  private static Incarnation boot() {
    String id = read("/proc/sys/kernel/random/boot_id").replace("-", "").trim();
    return id.length() == Incarnation.HEX_LENGTH ? Incarnation.parse(id) : UNKNOWN_BOOT;
  }

  private static String hostName() {
    return read("/proc/sys/kernel/hostname").trim();
  }

  private static String read(String path) {
    try {
      return Files.readString(Path.of(path));
    } catch (IOException | RuntimeException e) {
      return "";
    }
  }

  private static long number(String digits) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
