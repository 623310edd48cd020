package io.github.multiprom.internal.directory;

import io.github.multiprom.internal.file.LabelInterner;
import io.github.multiprom.internal.file.UnreadableFileException;
import io.github.multiprom.internal.file.UnreadableFileException.Reason;
import io.github.multiprom.internal.file.WorkerFileReader;
import io.github.multiprom.internal.ownership.FileName;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The retained totals of a directory as they were last read: one file, or in a directory that users
 * share one for each user who is trusted. One thread at a time.
 *
 * <p>A user's totals list incarnations of that user only, whose files belong to it: otherwise one
 * user could hide what another one counts. Where a file's owner is none that is listed for, the
 * worker counts by its own file.
 */
final class Ledgers {
  private final Path directory;
  private final LabelInterner labels;
  private final Map<Path, Ledger> ledgers = new TreeMap<>();
  private FileOwnership ownership;

  /** A file of totals, which is read whole and closed. */
  private static final class Ledger {
    private final long user;
    // Null if there are none, or none that is trusted.
    private Totals totals;
    // Whether these are the totals of now, and not those that were read before.
    private boolean known;
    private boolean trusted;
    // Until a read finds that it does not.
    private boolean exists = true;
    // Whether other totals got the name while these could not be read: their blocks become the next
    // spare, which may be written over.
    private boolean replaced;

    Ledger(long user) {
      this.user = user;
    }

    boolean isGeneration(WorkerFileReader file) {
      return totals != null
          && totals.snapshot.worker().incarnation().equals(file.worker().incarnation());
    }
  }

  private record Totals(
      Snapshot snapshot,
      Set<Incarnation> retired,
      Set<Incarnation> predecessors,
      UnreadableFileException newer,
      long bytes) {}

  Ledgers(Path directory, LabelInterner labels) {
    this.directory = directory;
    this.labels = labels;
    this.ownership = FileOwnership.of(directory);
  }

  /** Whose the directory was at the beginning of the last read. */
  FileOwnership ownership() {
    return ownership;
  }

  /**
   * Reads the totals that changed.
   *
   * @throws IOException if the directory cannot be listed
   */
  void read(SkippedFiles skipped) throws IOException {
    ownership = FileOwnership.of(directory);
    ledgers.values().removeIf(ledger -> !ledger.exists);
    ledgers.computeIfAbsent(ownership.retained(), path -> new Ledger(ownership.user()));
    if (ownership.isShared()) {
      find(StoreFiles.names(directory));
    }
    ledgers.forEach((path, ledger) -> read(path, ledger, skipped));
  }

  /**
   * Looks for totals in a listing of the directory.
   *
   * @return whether there are some that were not read
   */
  boolean find(String[] names) {
    boolean found = false;
    for (String name : names) {
      // Cheap, as most names are those of workers.
      FileName parsed = name.startsWith(StoreFiles.RETAINED_NAME) ? FileName.parse(name) : null;
      if (parsed != null && parsed.isRetained()) {
        found |=
            ledgers.putIfAbsent(directory.resolve(name), new Ledger(ownership.userOf(parsed)))
                == null;
      }
    }
    return found;
  }

  private void read(Path path, Ledger ledger, SkippedFiles skipped) {
    ledger.exists = true;
    ledger.known = true;
    ledger.trusted = true;
    ledger.replaced = false;
    Object file = null;
    try {
      file = StoreFiles.key(path);
      try (WorkerFileReader opened = open(path, ledger)) {
        if (!ledger.isGeneration(opened)) {
          ledger.totals = totalsOf(opened);
        }
      }
      if (ledger.totals.newer != null) {
        skipped.add(path, ledger.totals.newer);
      }
    } catch (NoSuchFileException e) {
      ledger.exists = false;
      ledger.totals = null;
    } catch (IOException e) {
      skipped.add(path, e);
      if (e instanceof UnreadableFileException why && why.reason() == Reason.WRONG_OWNER) {
        ledger.trusted = false;
        ledger.totals = null;
      } else {
        // The totals that were served before are served on.
        ledger.known = false;
        ledger.replaced = file != null && !StoreFiles.isStill(path, file);
      }
    }
  }

  private WorkerFileReader open(Path path, Ledger ledger) throws IOException {
    WorkerFileReader file = WorkerFileReader.open(path, labels, this::ownership);
    if (!ownership.trustsLedger(path, ledger.user)) {
      file.close();
      throw new UnreadableFileException(
          Reason.WRONG_OWNER,
          "belongs to uid " + FileOwnership.ownerOf(path) + ", which is not the user of its name");
    }
    return file;
  }

  private static Totals totalsOf(WorkerFileReader file) throws IOException {
    if (!file.isRetained()) {
      throw new UnreadableFileException(Reason.FOREIGN, "the file of a worker");
    }
    file.readWords();
    file.refresh(false);
    file.refreshHistory();
    if (file.damage() != null) {
      throw file.damage();
    }
    return new Totals(
        file.snapshot(false), file.retired(), file.predecessors(), file.newer(), file.size());
  }

  /**
   * Whether the totals that were read are still those of the directory.
   *
   * @throws IOException if the directory cannot be listed
   */
  boolean areCurrent() throws IOException {
    if (ownership.isShared() && find(StoreFiles.names(directory))) {
      return false;
    }
    for (Map.Entry<Path, Ledger> entry : ledgers.entrySet()) {
      Ledger ledger = entry.getValue();
      if (ledger.replaced
          || (ledger.known && ledger.trusted && !isCurrent(entry.getKey(), ledger))) {
        return false;
      }
    }
    return true;
  }

  private boolean isCurrent(Path path, Ledger ledger) {
    try (WorkerFileReader now = WorkerFileReader.open(path, labels, this::ownership)) {
      return ledger.isGeneration(now);
    } catch (NoSuchFileException e) {
      return !ledger.exists;
    } catch (IOException e) {
      // It cannot be told, and workers may have moved into it meanwhile.
      return false;
    }
  }

  /** Whether workers that are gone are surely not in totals that could not be read. */
  boolean areKnown() {
    boolean known = true;
    for (Ledger ledger : ledgers.values()) {
      known &= ledger.known;
    }
    return known;
  }

  /** Removes the workers that count in totals. */
  void removeRetired(Set<Incarnation> workers) {
    for (Ledger ledger : ledgers.values()) {
      if (ledger.totals != null) {
        for (Incarnation retired : ledger.totals.retired) {
          if (workers.contains(retired) && isOf(ledger, retired)) {
            workers.remove(retired);
          }
        }
      }
    }
  }

  /** Whether a worker is, or was, one of a ledger's user. */
  private boolean isOf(Ledger ledger, Incarnation worker) {
    Path file = StoreFiles.worker(directory, worker);
    return ledger.user == FileName.NO_UID
        || FileOwnership.ownerOf(file) == ledger.user
        || Files.notExists(file, LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * All totals.
   *
   * @param present the workers that count by their own files
   */
  List<Snapshot> snapshots(Set<Incarnation> present) {
    List<Snapshot> snapshots = new ArrayList<>();
    for (Ledger ledger : ledgers.values()) {
      if (ledger.totals != null) {
        snapshots.add(
            ledger.user == FileName.NO_UID
                ? ledger.totals.snapshot
                : withPredecessorsOf(ledger.user, ledger.totals.snapshot, present));
      }
    }
    return snapshots;
  }

  /**
   * A worker without the predecessors whose files belong to other users, where users share the
   * directory: so none of them hides what another one counts.
   */
  Snapshot withOwnPredecessors(Snapshot worker, Path file, Set<Incarnation> present) {
    return !ownership.isShared() || worker.predecessors().isEmpty()
        ? worker
        : withPredecessorsOf(FileOwnership.ownerOf(file), worker, present);
  }

  private Snapshot withPredecessorsOf(long user, Snapshot successor, Set<Incarnation> present) {
    Set<Incarnation> own = new HashSet<>(successor.predecessors());
    own.removeIf(
        predecessor ->
            present.contains(predecessor)
                && FileOwnership.ownerOf(StoreFiles.worker(directory, predecessor)) != user);
    return own.size() == successor.predecessors().size() ? successor : successor.succeeding(own);
  }

  /** How long the files are. */
  long bytes() {
    long bytes = 0;
    for (Ledger ledger : ledgers.values()) {
      bytes += ledger.totals == null ? 0 : ledger.totals.bytes;
    }
    return bytes;
  }

  /**
   * Makes sure that totals may be replaced: who does must have seen them whole.
   *
   * @throws IOException if they cannot be read, or only in part
   */
  void checkReplaceable(Path retained) throws IOException {
    Ledger ledger = ledgers.get(retained);
    if (ledger == null) {
      // The listing had no such file.
      return;
    }
    if (!ledger.known || !ledger.trusted) {
      throw new IOException(
          "the retained totals "
              + retained
              + " cannot be read; if they are damaged, multiprom repair mends them");
    }
    if (ledger.totals != null && ledger.totals.newer != null) {
      throw ledger.totals.newer;
    }
  }

  /** One file of totals, one of {@link #snapshots}; null if there is none. */
  Snapshot snapshot(Path retained) {
    Totals totals = totals(retained);
    return totals == null ? null : totals.snapshot;
  }

  /** The incarnations that one file of totals lists. */
  Set<Incarnation> retired(Path retained) {
    Totals totals = totals(retained);
    return totals == null ? Set.of() : totals.retired;
  }

  /** Earlier incarnations of the workers that one file of totals lists. */
  Set<Incarnation> predecessors(Path retained) {
    Totals totals = totals(retained);
    return totals == null ? Set.of() : totals.predecessors;
  }

  private Totals totals(Path retained) {
    Ledger ledger = ledgers.get(retained);
    return ledger == null ? null : ledger.totals;
  }
}
