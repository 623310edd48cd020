package io.github.multiprom.internal.directory;

import io.github.multiprom.internal.file.CrashPoint;
import io.github.multiprom.internal.file.LabelInterner;
import io.github.multiprom.internal.file.LifeSigns;
import io.github.multiprom.internal.file.NoSpaceException;
import io.github.multiprom.internal.file.WorkerFileReader;
import io.github.multiprom.internal.lease.Liveness;
import io.github.multiprom.internal.lease.LockFiles;
import io.github.multiprom.internal.os.FileSystemKind;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.internal.ownership.FileName;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.RetainedFamily;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WorkerInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * One pass of moving dead workers of a directory into its retained totals, under the directory's
 * lock. One thread.
 *
 * <p>The protocol, exact at a kill between any two steps:
 *
 * <ol>
 *   <li>Take the lock. Claim files of others that are dead ({@link
 *       io.github.multiprom.model.ForeignSource}). Delete what an earlier pass left: files of
 *       workers that the totals list already, temporary files, leases without a worker. Make a
 *       spare if there is none.
 *   <li>Write the new totals, and the list of incarnations that they contain, into the blocks of
 *       the spare; force it to the disk.
 *   <li>Check that the lock, the totals and the workers are still those that were read; otherwise
 *       give up.
 *   <li>Rename the spare to {@code multiprom.retained}, which needs no space; force the directory.
 *       From this instant the listed incarnations count only there.
 *   <li>Check that these are still the totals. Delete the listed worker files, their maps, then
 *       their leases; force the directory.
 *   <li>Make the next spare, with the space that this gave.
 * </ol>
 */
public final class RetiringPass implements AutoCloseable {
  /**
   * Of so many incarnations the totals say that they were retired although their files are gone: a
   * worker that was retired by mistake then carries nothing over into its next file.
   */
  static final int REMEMBERED_INCARNATIONS = 1000;

  private final Path directory;
  private final FileOwnership ownership;
  private final LockFiles.Held lock;
  private final CrashPoint crashPoint;
  private final DirectoryReader reader;
  private final Liveness liveness;
  private final Spare spare;
  private final Leftovers leftovers;

  // What was read.
  private Snapshot retained;
  private List<Incarnation> retiredBefore;
  private List<Incarnation> predecessorsBefore;
  private DirectorySnapshot snapshot;
  private Map<Incarnation, LifeSigns> lifeSigns;
  private DeadWorkerQueue backlog;

  // Workers that lived on after they were read.
  private final Set<Incarnation> leftOut = new HashSet<>();

  private RetiringPass(
      DirectoryReader reader, FileOwnership ownership, LockFiles.Held lock, CrashPoint crashPoint) {
    this.directory = reader.directory();
    this.ownership = ownership;
    this.lock = lock;
    this.crashPoint = crashPoint;
    this.reader = reader;
    this.liveness = new Liveness(directory);
    this.spare = new Spare(ownership, crashPoint);
    this.leftovers = new Leftovers(ownership, crashPoint);
  }

  /**
   * Whether workers of a directory may be retired: it is on a file system whose locks can be relied
   * on, and what this process leaves there can be used by its owner.
   */
  public static boolean isPossible(DirectoryReader reader) {
    Path directory = reader.directory();
    FileSystemKind kind = FileSystemKind.of(directory);
    if (!kind.isLocal()) {
      StoreLog.warnOnce(
          "not-local " + directory,
          directory
              + " is on a file system of type "
              + kind.type()
              + ", not known to be local; dead workers there are served but never retired");
    }
    String reason = FileOwnership.of(directory).reasonNotToRetire();
    if (reason != null) {
      StoreLog.warnOnce(
          "may-not-retire " + directory,
          "Dead workers in "
              + directory
              + " are served but not retired by this process: "
              + reason);
    }
    return kind.isLocal() && reason == null;
  }

  /**
   * The users into whose totals this process may retire workers: its own, and in a directory that
   * users share others too, if it may give files to them. None if all files of the directory are
   * foreign: it is no metrics directory, and a lock would be out of place there.
   *
   * @throws IOException if the directory cannot be read
   */
  public static List<Long> users(DirectoryReader reader) throws IOException {
    String[] names = StoreFiles.names(reader.directory());
    if (names.length > 0
        && Arrays.stream(names)
            .allMatch(name -> FileName.parse(name) == null && !reader.isForeignOne(name))) {
      return List.of();
    }
    return FileOwnership.of(reader.directory()).ledgers().stream()
        .map(FileOwnership::actsFor)
        .toList();
  }

  /**
   * Makes the lock and the spare of a directory where they are missing, and a longer spare where
   * this one is too short, while there is space: the next pass may run when there is none left.
   * Never throws.
   */
  public static void prepare(Path directory) {
    FileOwnership ownership = FileOwnership.of(directory);
    long needed = SpareLength.needed(ownership);
    if (new Spare(ownership, CrashPoint.NONE).has(needed)
        || ownership.reasonNotToRetire() != null
        || !FileSystemKind.of(directory).isLocal()) {
      return;
    }
    try {
      LockFiles.Held lock = LockFiles.tryLock(ownership);
      if (lock != null) {
        try {
          Spare spare = new Spare(ownership, CrashPoint.NONE);
          if (!spare.has(needed)) {
            spare.make(needed);
          }
        } finally {
          lock.release();
        }
      }
    } catch (IOException e) {
      // A pass tries again, and tells.
    }
  }

  /**
   * Begins a pass and cleans up behind earlier ones.
   *
   * @param user one of {@link #users}
   * @param reader reads a directory that it {@link #isPossible} for; others may use it meanwhile,
   *     because the cells of dead workers do not change
   * @return null if another retirer is at work
   * @throws IOException if the directory cannot be written, or its retained totals cannot be read
   */
  public static RetiringPass begin(long user, DirectoryReader reader) throws IOException {
    return begin(FileOwnership.of(reader.directory()).inNameOf(user), reader, CrashPoint.NONE);
  }

  public static RetiringPass begin(
      FileOwnership ownership, DirectoryReader reader, CrashPoint crashPoint) throws IOException {
    LockFiles.Held lock = LockFiles.tryLock(ownership);
    if (lock == null) {
      return null;
    }
    RetiringPass pass = new RetiringPass(reader, ownership, lock, crashPoint);
    try {
      crashPoint.passed("directory locked");
      if (reader.claimForeign(ownership)) {
        crashPoint.passed("files of others claimed");
      }
      pass.read();
      pass.leftovers.deleteRetired(pass.retiredBefore);
      reader.deleteForeign(pass.retiredBefore);
      pass.leftovers.deleteOrphans();
      pass.provideSpare();
      return pass;
    } catch (IOException | RuntimeException | Error e) {
      pass.close();
      throw e;
    }
  }

  private void read() throws IOException {
    readTogether(true);
    if (snapshot == null) {
      backlog =
          DeadWorkerQueue.of(ownership, liveness, new HashSet<>(retiredBefore), predecessorsBefore);
      if (backlog == null) {
        readTogether(false);
      }
    }
  }

  private void readTogether(boolean unlessBacklog) throws IOException {
    // Others may read meanwhile, and see later totals than these.
    synchronized (reader) {
      snapshot = reader.readForRetiring(unlessBacklog, ownership.retained());
      lifeSigns = reader.lifeSignsOfDead();
      retained = reader.retained(ownership.retained());
      retiredBefore = reader.retiredInFile(ownership.retained());
      predecessorsBefore = reader.predecessorsInFile(ownership.retained());
    }
  }

  /**
   * Made before it is needed: with the first totals there is the space that these will need when
   * there is no other.
   */
  private void provideSpare() {
    if (!spare.exists()) {
      makeSpare(retained == null ? 0 : length(ownership.retained()));
    }
  }

  private void makeSpare(long length) {
    try {
      spare.make(length);
    } catch (NoSpaceException e) {
      // The next pass tries again.
    }
  }

  private static long length(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }

  /**
   * The backlog of dead workers, if they are too many to be held in memory together.
   *
   * @return null if there is none; else {@link #snapshot()} is null
   */
  public DeadWorkerQueue backlog() {
    return backlog;
  }

  /** The retained totals so far; null if there are none. */
  public Snapshot retained() {
    return retained;
  }

  /** Everything in the directory, as the pass found it; null if there is a backlog. */
  public DirectorySnapshot snapshot() {
    return snapshot;
  }

  /**
   * The workers that may be retired: surely dead, and wholly readable.
   *
   * @return those that published least first: they fit into a spare that is too small for all
   */
  public List<Snapshot> retirable() {
    List<Snapshot> retirable = dead(true);
    Set<Incarnation> claimed = reader.claimedForeign();
    for (Snapshot worker : snapshot.workers()) {
      if (claimed.contains(worker.worker().incarnation())) {
        retirable.add(worker);
      }
    }
    retirable.sort(Comparator.comparingLong(worker -> published(worker.worker())));
    return retirable;
  }

  /** The workers that are dead and of which it is not sure yet that they can never write again. */
  public List<Snapshot> pending() {
    return dead(false);
  }

  private List<Snapshot> dead(boolean surely) {
    List<Snapshot> dead = new ArrayList<>();
    for (Snapshot worker : snapshot.workers()) {
      LifeSigns signs = lifeSigns.get(worker.worker().incarnation());
      if (!worker.live()
          && signs != null
          && !leftOut.contains(worker.worker().incarnation())
          && ownership.isOfLedger(StoreFiles.worker(directory, worker.worker().incarnation()))
          && !reader.isDamaged(worker.worker().incarnation())
          && liveness.isSurelyDead(worker.worker(), signs) == surely) {
        dead.add(worker);
      }
    }
    return dead;
  }

  private long published(WorkerInfo worker) {
    LifeSigns signs = lifeSigns.get(worker.incarnation());
    return signs == null ? 0 : signs.published();
  }

  /**
   * Replaces the retained totals, and deletes the files of the workers that they now contain.
   *
   * @param totals what was retained before and what the retired workers counted
   * @param retired the workers retired by this pass
   * @param maxSeries how many series of a family the totals keep apart, at least 1
   * @return false if nothing was done because some of these workers lived on after they were read;
   *     they are not among those that may be retired any more
   * @throws NoSpaceException if the totals do not fit into the spare and there is no space for a
   *     larger one; the directory is as before then
   * @throws IOException if the totals cannot be written, or the pass gave up because somebody
   *     replaced the lock or the totals meanwhile; nothing is lost then
   */
  public boolean commit(List<RetainedFamily> totals, List<WorkerInfo> retired, int maxSeries)
      throws IOException {
    Set<Incarnation> listed = new LinkedHashSet<>(retiredBefore);
    Set<Incarnation> predecessors = new LinkedHashSet<>(predecessorsBefore);
    for (WorkerInfo worker : retired) {
      listed.add(worker.incarnation());
      predecessors.addAll(predecessorsOf(worker.incarnation()));
    }
    Set<Incarnation> withFiles = leftovers.withFiles();
    withFiles.addAll(reader.claimedForeign());
    RetainedFile generation =
        RetainedFile.of(
            totals, remembered(listed, withFiles), remembered(predecessors, withFiles), maxSeries);
    LockFiles.Held written = spare.write(generation);
    try {
      crashPoint.passed("spare written");
      if (leaveOutLiving(retired)) {
        return false;
      }
      checkNothingReplaced(retained == null ? null : retained.worker().incarnation());
      StoreFiles.renameAtomically(ownership.spare(), ownership.retained());
    } finally {
      written.release();
    }
    crashPoint.passed("retained named");
    StoreFiles.force(directory);
    crashPoint.passed("retained forced");
    checkNothingReplaced(generation.generation());
    leftovers.deleteRetired(listed, withFiles);
    reader.deleteForeign(listed);
    makeSpare(Math.max(generation.length(), SpareLength.needed(ownership)));
    return true;
  }

  private Set<Incarnation> predecessorsOf(Incarnation retired) {
    if (backlog != null) {
      return backlog.predecessorsOf(retired);
    }
    for (Snapshot worker : snapshot.workers()) {
      if (worker.worker().incarnation().equals(retired)) {
        return worker.predecessors();
      }
    }
    return Set.of();
  }

  /** Those that have files, and of the others the last ones. */
  private static List<Incarnation> remembered(Set<Incarnation> all, Set<Incarnation> withFiles) {
    int gone = 0;
    for (Incarnation incarnation : all) {
      gone += withFiles.contains(incarnation) ? 0 : 1;
    }
    List<Incarnation> remembered = new ArrayList<>();
    for (Incarnation incarnation : all) {
      if (withFiles.contains(incarnation) || --gone < REMEMBERED_INCARNATIONS) {
        remembered.add(incarnation);
      }
    }
    return remembered;
  }

  /** Whether some workers went on after they were read: these are not to be retired. */
  private boolean leaveOutLiving(List<WorkerInfo> workers) {
    boolean some = false;
    for (WorkerInfo worker : workers) {
      Incarnation incarnation = worker.incarnation();
      LifeSigns read =
          backlog != null ? backlog.lifeSignsOf(incarnation) : lifeSigns.get(incarnation);
      if (!lifeSignsNow(incarnation).equals(Optional.ofNullable(read))) {
        leftOut.add(incarnation);
        some = true;
      }
    }
    if (some && backlog != null) {
      backlog.leaveOut(leftOut);
    }
    return some;
  }

  private Optional<LifeSigns> lifeSignsNow(Incarnation incarnation) {
    try (WorkerFileReader file =
        WorkerFileReader.open(StoreFiles.worker(directory, incarnation), new LabelInterner())) {
      file.readWords();
      return Optional.of(file.lifeSigns());
    } catch (IOException e) {
      // Deleted, or moved away with all that it counted.
      return Optional.empty();
    }
  }

  /**
   * Gives up if somebody else may be retiring because the lock was deleted.
   *
   * @param generation what the totals must be; null if there must be none
   */
  private void checkNothingReplaced(Incarnation generation) throws IOException {
    if (!lock.isNamed(ownership.lock())) {
      throw new IOException(
          ownership.lock() + " was deleted or replaced during a retiring pass, which gives up");
    }
    if (!Objects.equals(generation, RetainedFile.generationOf(ownership.retained()))) {
      throw new IOException(
          ownership.retained() + " was replaced during a retiring pass, which gives up");
    }
  }

  @Override
  public void close() {
    lock.release();
  }
}
