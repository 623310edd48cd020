package io.github.multiprom.internal.os;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.WorkerInfo;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a kernel tells about a process: for people, and as a second opinion on whether it lives.
 * Immutable.
 *
 * <p>Everything is read with plain streams, which need no direct memory, and whatever cannot be
 * read is unknown: a worker must start in a process that is short of memory or descriptors.
 *
 * @param pid process id, as {@code /proc} shows it
 * @param startTicks start time in clock ticks since boot; 0 where there is no {@code /proc}
 * @param pidNamespace inode of the pid namespace; 0 where unknown, or where {@code /proc} shows the
 *     processes of another namespace
 * @param bootId the kernel's boot id; zeros where unknown
 * @param host the host's name; empty where unknown
 */
public record ProcessIdentity(
    long pid, long startTicks, long pidNamespace, Incarnation bootId, String host) {
  private static final Incarnation UNKNOWN_BOOT = new Incarnation(0, 0);

  /** Fields of {@code /proc/PID/stat}, counted from 1. */
  private static final int STATE_FIELD = 3;

  private static final int THREADS_FIELD = 20;
  private static final int START_FIELD = 22;

  /** What one process sees of another. */
  public enum Sight {
    /** It runs, or this cannot be told just now. */
    RUNNING,
    GONE,
    /** It cannot be looked for from here. */
    INVISIBLE
  }

  /** The identity of this process. */
  public static ProcessIdentity current() {
    String stat = text("/proc/self/stat");
    return new ProcessIdentity(
        ownPid(stat), startTicks(stat), pidNamespaceOfSelf(), boot(), hostName());
  }

  /** The process id of this process, as {@link #pid()}. */
  public static long currentPid() {
    return ownPid(text("/proc/self/stat"));
  }

  private static long ownPid(String stat) {
    long pid = number(stat.substring(0, Math.max(0, stat.indexOf(' '))));
    // Starts a thread pool, so only where it must be.
    return pid != 0 ? pid : ProcessHandle.current().pid();
  }

  /** Whether a worker is of this process. */
  public boolean is(WorkerInfo worker) {
    return worker.pid() == pid
        && worker.startTicks() == startTicks
        && worker.pidNamespace() == pidNamespace
        && worker.bootId().equals(bootId);
  }

  /** Whether a worker has this kernel, and so its monotonic clock. */
  public boolean isOfThisBoot(WorkerInfo worker) {
    return worker.bootId().equals(bootId);
  }

  /** Whether a worker surely had another kernel, or this one before it started anew. */
  public boolean isOfAnotherBoot(WorkerInfo worker) {
    return !worker.bootId().equals(bootId)
        && !worker.bootId().equals(UNKNOWN_BOOT)
        && !bootId.equals(UNKNOWN_BOOT);
  }

  /** Looks for the process of a worker. */
  public Sight sightOf(WorkerInfo worker) {
    if (!isOfThisBoot(worker)
        || worker.pidNamespace() != pidNamespace
        || pidNamespace == 0
        || worker.startTicks() == 0) {
      return Sight.INVISIBLE;
    }
    String path = "/proc/" + worker.pid() + "/stat";
    String stat = text(path);
    if (!stat.isEmpty()) {
      return startTicks(stat) == worker.startTicks() ? Sight.RUNNING : Sight.GONE;
    }
    if (!Files.notExists(Path.of(path))) {
      // No descriptor or no memory is left: only what is surely gone is.
      return Sight.RUNNING;
    }
    return hidesProcesses(text("/proc/self/mounts")) ? Sight.INVISIBLE : Sight.GONE;
  }

  /** Whether {@code /proc} is mounted so that it does not show the processes of others. */
  static boolean hidesProcesses(String mounts) {
    return mounts
        .lines()
        .anyMatch(mount -> mount.contains(" /proc proc ") && mount.contains("hidepid="));
  }

  /**
   * When a process started by its {@code stat}, in clock ticks since boot; 0 if none runs. A
   * zombie, which has ended but was not waited for by its parent, does not run; one that has
   * threads still has only lost its first one.
   */
  public static long startTicks(String stat) {
    // The second field is the command in parentheses and may hold any byte itself.
    int start = stat.lastIndexOf(')') + 1;
    if (start == 0) {
      return 0;
    }
    String[] fields = stat.substring(start).trim().split(" ", -1);
    if (fields.length <= START_FIELD - STATE_FIELD) {
      return 0;
    }
    String state = fields[0];
    boolean ended =
        state.equals("X")
            || (state.equals("Z") && number(fields[THREADS_FIELD - STATE_FIELD]) <= 1);
    return ended ? 0 : number(fields[START_FIELD - STATE_FIELD]);
  }

  private static long pidNamespaceOfSelf() {
    if (!showsOwnNamespace(text("/proc/self/status"))) {
      return 0;
    }
    try {
      String link = Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
      return number(link.substring(link.indexOf('[') + 1, link.length() - 1));
    } catch (IOException | RuntimeException | Error e) {
      return 0;
    }
  }

  /**
   * Whether {@code /proc} shows the processes of its reader's pid namespace, by the reader's {@code
   * status}: one that was not mounted anew shows those of an outer one, with other ids.
   */
  static boolean showsOwnNamespace(String status) {
    int ids = status.indexOf("\nNSpid:");
    if (ids < 0) {
      // An old kernel, where it is as good as always its own.
      return true;
    }
    int from = ids + "\nNSpid:".length();
    int end = status.indexOf('\n', from);
    String pids = status.substring(from, end < 0 ? status.length() : end).trim();
    return pids.indexOf('\t') < 0;
  }

  /** The kernel's boot id, equal in all processes and containers of this host. */
  public static Optional<Incarnation> currentBoot() {
    return Optional.of(boot()).filter(id -> !id.equals(UNKNOWN_BOOT));
  }

  private static Incarnation boot() {
    String id = text("/proc/sys/kernel/random/boot_id").replace("-", "").trim();
    return Incarnation.isHex(id) ? Incarnation.parse(id) : UNKNOWN_BOOT;
  }

  private static String hostName() {
    return new String(bytes("/proc/sys/kernel/hostname"), UTF_8).trim();
  }

  /** A file of {@code /proc}, a character for each byte; empty if it cannot be read. */
  public static String text(String path) {
    return new String(bytes(path), ISO_8859_1);
  }

  private static byte[] bytes(String path) {
    try (InputStream file = new FileInputStream(path)) {
      return file.readAllBytes();
    } catch (IOException | RuntimeException | Error e) {
      return new byte[0];
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
