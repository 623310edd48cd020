package io.github.multiprom.python;

import io.github.multiprom.internal.os.ProcessIdentity;
import io.github.multiprom.internal.os.ProcessUser;
import io.github.multiprom.internal.ownership.FileOwnership;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Which processes have files of client_python mapped, by {@code /proc}. One thread.
 *
 * <p>A process maps its files from the first metric on until it ends, so a file that is mapped has
 * a living process, however its process is named. Not every process can be seen: those of another
 * pid namespace, or of another user. That nobody maps a file means only then that its process has
 * ended if processes that could map it are seen. A file is known in all mount namespaces by its
 * inode and the last part of its name.
 */
final class PythonProcesses {
  /** What can be seen of the process of some files. */
  enum Sight {
    RUNNING,
    GONE,
    /** No process has the files mapped, but not all can be seen from here. */
    UNKNOWN
  }

  private static final long SCAN_PERIOD_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** The first pid namespace of a kernel, in which all processes are. */
  private static final String FIRST_NAMESPACE = "pid:[4026531836]";

  /** How far a file's clock may be from the processes'. */
  private static final long SLACK_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** Of what {@code stat} tells. */
  private static final long TICKS_PER_SECOND = 100;

  /** Fields of a line of {@code maps}, before the name. */
  private static final int INODE_FIELD = 4;

  /** Behind the name by which a process opened a file, where that was deleted since. */
  private static final String DELETED = " (deleted)";

  /**
   * A file, as processes know it.
   *
   * @param name that it had before it was claimed, as one that was given back has the other name
   *     for processes that opened it before
   */
  private record Mapped(long inode, String name) {
    static Mapped of(PythonFile file) {
      return new Mapped(file.inode(), file.nameBeforeClaim());
    }

    static Mapped of(long inode, String path) {
      int end = path.endsWith(DELETED) ? path.length() - DELETED.length() : path.length();
      return new Mapped(
          inode, PythonFileName.beforeClaim(path.substring(path.lastIndexOf('/') + 1, end)));
    }
  }

  private record Mapper(String pid, long startTicks) {}

  /**
   * A process whose maps cannot be read.
   *
   * @param pids its ids in all pid namespaces
   */
  private record Blind(long user, Set<String> pids, long startNanos) {
    /**
     * Whether it may have a file mapped. If processes are named by their ids, as they are unless an
     * application says otherwise, that is the process itself, or one that it forked later.
     */
    boolean mayMap(PythonFile file) {
      boolean ownUser = user == file.owner();
      String process = file.name().process();
      return isNumber(process)
          ? pids.contains(process) || (ownUser && startNanos >= file.createdNanos() - SLACK_NANOS)
          : ownUser;
    }
  }

  private final Path proc;

  // By the last scan.
  private Map<Mapped, Set<String>> mappers = new HashMap<>();
  private List<Blind> blind = List.of();
  private long scannedNanos;
  private boolean scanned;
  // What was found of files that are mapped.
  private final Map<Mapped, Mapper> running = new HashMap<>();
  private boolean seesPythons;

  /** The processes of a {@code /proc}. */
  PythonProcesses(Path proc) {
    this.proc = proc;
    seesPythons = isFirstNamespace();
  }

  private boolean isFirstNamespace() {
    try {
      return Files.readSymbolicLink(proc.resolve("self/ns/pid")).toString().equals(FIRST_NAMESPACE);
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }

  private String text(String pid, String file) {
    return ProcessIdentity.text(proc + "/" + pid + "/" + file);
  }

  private long startOf(String pid) {
    return ProcessIdentity.startTicks(text(pid, "stat"));
  }

  private boolean runs(Mapper mapper) {
    return mapper.startTicks != 0 && mapper.startTicks == startOf(mapper.pid);
  }

  /** Looks for the process of files that all have one, without looking at all processes often. */
  Sight sightOf(String process, Collection<PythonFile> files) {
    for (PythonFile file : files) {
      Mapper mapper = running.get(Mapped.of(file));
      if (mapper != null && runs(mapper)) {
        return Sight.RUNNING;
      }
    }
    if (isNumber(process)) {
      Map<Mapped, Set<String>> its = new HashMap<>();
      addMaps(process, its);
      if (find(files, its)) {
        return Sight.RUNNING;
      }
    }
    if (!scanned || System.nanoTime() - scannedNanos > SCAN_PERIOD_NANOS) {
      scan(false);
    }
    return sightByScan(files);
  }

  /** What the last scan found. */
  Sight sightByScan(Collection<PythonFile> files) {
    if (find(files, mappers)) {
      return Sight.RUNNING;
    }
    files.forEach(file -> running.remove(Mapped.of(file)));
    return seesAll(files) ? Sight.GONE : Sight.UNKNOWN;
  }

  private boolean seesAll(Collection<PythonFile> files) {
    return seesPythons
        && files.stream().noneMatch(file -> blind.stream().anyMatch(one -> one.mayMap(file)));
  }

  private boolean find(Collection<PythonFile> files, Map<Mapped, Set<String>> among) {
    for (PythonFile file : files) {
      Mapped mapped = Mapped.of(file);
      for (String pid : among.getOrDefault(mapped, Set.of())) {
        Mapper mapper = new Mapper(pid, startOf(pid));
        if (runs(mapper)) {
          running.put(mapped, mapper);
          seesPythons = true;
          return true;
        }
      }
    }
    return false;
  }

  /** Forgets files that are gone. */
  void keepOnly(Collection<PythonFile> files) {
    if (running.size() > files.size()) {
      Set<Mapped> known = new HashSet<>();
      files.forEach(file -> known.add(Mapped.of(file)));
      running.keySet().retainAll(known);
    }
  }

  /**
   * Looks at all processes.
   *
   * @param withDescriptors also for files that a process has opened and is about to map
   */
  void scan(boolean withDescriptors) {
    Map<Mapped, Set<String>> found = new HashMap<>();
    List<Blind> unreadable = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path process : processes) {
        String pid = process.getFileName().toString();
        boolean seen = addMaps(pid, found) && (!withDescriptors || addDescriptors(process, found));
        if (!seen && startOf(pid) != 0) {
          unreadable.add(blind(pid));
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      seesPythons = false;
    }
    if (hidesProcesses()) {
      seesPythons = false;
    }
    mappers = found;
    blind = unreadable;
    scannedNanos = System.nanoTime();
    scanned = true;
  }

  private Blind blind(String pid) {
    Set<String> pids = new HashSet<>(Set.of(pid));
    text(pid, "status")
        .lines()
        .filter(line -> line.startsWith("NSpid:"))
        .forEach(line -> pids.addAll(List.of(line.split("\\s+"))));
    return new Blind(
        FileOwnership.ownerOf(proc.resolve(pid)),
        pids,
        bootNanos() + TimeUnit.SECONDS.toNanos(startOf(pid)) / TICKS_PER_SECOND);
  }

  private long bootNanos() {
    return ProcessIdentity.text(proc + "/stat")
        .lines()
        .filter(line -> line.startsWith("btime "))
        .mapToLong(line -> TimeUnit.SECONDS.toNanos(Long.parseLong(line.substring(6).trim())))
        .findFirst()
        .orElse(Long.MAX_VALUE / 2);
  }

  /** Whether processes of other users may be there that are not listed. */
  private boolean hidesProcesses() {
    return ProcessUser.current().uid() != ProcessUser.ROOT
        && text("self", "mounts")
            .lines()
            .anyMatch(mount -> mount.contains(" /proc proc ") && mount.contains("hidepid="));
  }

  private boolean addMaps(String pid, Map<Mapped, Set<String>> found) {
    byte[] maps;
    try (InputStream in = new FileInputStream(proc + "/" + pid + "/maps")) {
      maps = in.readAllBytes();
    } catch (IOException e) {
      return false;
    }
    String text = new String(maps, StandardCharsets.UTF_8);
    if (text.contains(".db")) {
      text.lines().forEach(line -> addMap(line, pid, found));
    }
    return true;
  }

  /** A line is {@code addresses permissions offset device inode name}. */
  private static void addMap(String line, String pid, Map<Mapped, Set<String>> found) {
    int slash = line.indexOf('/');
    if (slash < 0 || !line.contains(".db")) {
      return;
    }
    String[] fields = line.substring(0, slash).trim().split(" +", -1);
    if (fields.length > INODE_FIELD && isNumber(fields[INODE_FIELD])) {
      add(Long.parseLong(fields[INODE_FIELD]), line.substring(slash), pid, found);
    }
  }

  private static void add(long inode, String file, String pid, Map<Mapped, Set<String>> found) {
    found.computeIfAbsent(Mapped.of(inode, file), none -> new HashSet<>()).add(pid);
  }

  private static boolean addDescriptors(Path process, Map<Mapped, Set<String>> found) {
    String own = Long.toString(ProcessIdentity.currentPid());
    String pid = process.getFileName().toString();
    if (pid.equals(own)) {
      // This one reads them.
      return true;
    }
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path descriptor : descriptors) {
        addDescriptor(descriptor, pid, found);
      }
      return true;
    } catch (IOException | DirectoryIteratorException e) {
      return false;
    }
  }

  private static void addDescriptor(Path descriptor, String pid, Map<Mapped, Set<String>> found) {
    try {
      String file = Files.readSymbolicLink(descriptor).toString();
      if (file.contains(".db") && isWritable(descriptor)) {
        Object inode = Files.getAttribute(descriptor, "unix:ino");
        add((Long) inode, file, pid, found);
      }
    } catch (IOException | RuntimeException e) {
      // Closed since the listing.
    }
  }

  /** The link of a descriptor has the permissions with which the file was opened. */
  private static boolean isWritable(Path descriptor) throws IOException {
    return Files.getPosixFilePermissions(descriptor, LinkOption.NOFOLLOW_LINKS)
        .contains(PosixFilePermission.OWNER_WRITE);
  }

  private static boolean isNumber(String text) {
    return !text.isEmpty()
        && text.length() < Long.toString(Long.MAX_VALUE).length()
        && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /** Whether a process has a file open or mapped, or might have it, by the last scan. */
  boolean isOpen(PythonFile file) {
    return mappers.containsKey(Mapped.of(file)) || !seesAll(List.of(file));
  }
}
