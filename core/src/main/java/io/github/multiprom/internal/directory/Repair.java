package io.github.multiprom.internal.directory;

import io.github.multiprom.internal.file.CrashPoint;
import io.github.multiprom.internal.file.LabelInterner;
import io.github.multiprom.internal.file.NoSpaceException;
import io.github.multiprom.internal.file.UnreadableFileException;
import io.github.multiprom.internal.file.UnreadableFileException.Reason;
import io.github.multiprom.internal.file.WorkerFileReader;
import io.github.multiprom.internal.lease.LockFiles;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.NativeShape;
import io.github.multiprom.model.QuantileWindow;
import io.github.multiprom.model.RetainedFamily;
import io.github.multiprom.model.RetainedSeries;
import io.github.multiprom.model.SeriesDescriptor;
import io.github.multiprom.model.SeriesLayout;
import io.github.multiprom.model.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Mends retained totals that are damaged, with what can still be read of them and of the spare.
 * Rather loses than doubles: of two generations the greater value of each series counts, and a
 * worker that any of them lists counts in none of its files. One thread.
 */
final class Repair {
  private static final double NANOS_PER_MICRO = 1e3;
  private static final String NOTHING_THERE = "there are no totals to be repaired in ";

  private final FileOwnership ownership;
  private final List<String> said = new ArrayList<>();
  private final Set<Incarnation> retired = new LinkedHashSet<>();
  private final Set<Incarnation> predecessors = new LinkedHashSet<>();
  private final Map<Shape, FamilyDescriptor> families = new LinkedHashMap<>();
  private final Map<Shape, Map<Key, RetainedSeries>> series = new HashMap<>();
  private int maxSeries = 1;

  /** What tells totals of a family from others; all else may differ between two generations. */
  private record Shape(
      String name,
      MetricType type,
      GaugeFold fold,
      boolean liveOnly,
      Set<String> labelNames,
      List<Double> upperBounds,
      List<String> states,
      NativeShape nativeShape,
      QuantileWindow window) {
    static Shape of(FamilyDescriptor family) {
      return new Shape(
          family.name(),
          family.type(),
          family.fold(),
          family.liveOnly(),
          Set.copyOf(family.labelNames()),
          family.upperBounds(),
          family.states(),
          family.nativeShape(),
          family.window() == null ? null : family.window().withoutQuantiles());
    }
  }

  private record Key(List<String> labelValues, String owner) {}

  Repair(FileOwnership ownership) {
    this.ownership = ownership;
  }

  /**
   * Repairs the totals under the lock.
   *
   * @return what was found and done, a line each
   * @throws IOException if a retirer is at work, workers that the totals list still have files, a
   *     later release wrote the totals, or files cannot be written
   */
  List<String> run() throws IOException {
    if (files().stream().allMatch(file -> Files.notExists(file, LinkOption.NOFOLLOW_LINKS))) {
      // Perhaps no metrics directory at all, where a lock would be out of place.
      said.add(NOTHING_THERE + ownership.directory());
      return List.copyOf(said);
    }
    LockFiles.Held lock = LockFiles.tryLock(ownership);
    if (lock == null) {
      throw new IOException("somebody is retiring workers in " + ownership.directory());
    }
    try {
      runLocked();
      return List.copyOf(said);
    } finally {
      lock.release();
    }
  }

  private void runLocked() throws IOException {
    Path totals = ownership.retained();
    if (isWhole(totals)) {
      said.add(totals + " is whole: nothing was changed");
      return;
    }
    boolean some = false;
    for (Path file : files()) {
      some |= salvage(file);
    }
    checkNoneHasFiles();
    boolean damaged = Files.exists(totals, LinkOption.NOFOLLOW_LINKS);
    if (damaged) {
      Path aside =
          totals.resolveSibling(totals.getFileName() + ".damaged-" + EpochClock.nowNanos());
      StoreFiles.renameAtomically(totals, aside);
      said.add(totals + " was damaged and is now " + aside.getFileName());
    }
    if (some) {
      write();
    } else {
      said.add(
          damaged
              ? "no totals could be read; workers that are retired from now on begin new ones"
              : NOTHING_THERE + ownership.directory());
    }
  }

  /** What may hold totals, or what was to become them. */
  private List<Path> files() {
    return List.of(
        ownership.retained(),
        StoreFiles.temporary(ownership.retained()),
        ownership.spare(),
        StoreFiles.temporary(ownership.spare()));
  }

  private static boolean isWhole(Path totals) {
    try (WorkerFileReader file = WorkerFileReader.open(totals, new LabelInterner())) {
      file.readWords();
      file.refresh(false);
      return file.isRetained() && file.damage() == null;
    } catch (IOException e) {
      return false;
    }
  }

  /** Takes over what can be read of a file; false if there is nothing. */
  private boolean salvage(Path path) throws IOException {
    try (WorkerFileReader file = WorkerFileReader.open(path, new LabelInterner())) {
      if (!file.isRetained()) {
        throw new UnreadableFileException(Reason.FOREIGN, "not totals");
      }
      file.readWords();
      file.salvage();
      if (file.newer() != null) {
        throw new NewerException(path + ": " + file.newer().getMessage() + "; use that release");
      }
      retired.addAll(file.retired());
      predecessors.addAll(file.predecessors());
      Snapshot snapshot = file.snapshot(false);
      maxSeries = Math.max(maxSeries, snapshot.worker().maxSeries());
      for (int i = 0; i < snapshot.catalog().series().size(); i++) {
        add(snapshot, i);
      }
      said.add(
          path
              + ": read "
              + snapshot.catalog().series().size()
              + " series and a list of "
              + file.retired().size()
              + " retired workers"
              + (file.damage() == null ? "" : ", up to this: " + file.damage().getMessage()));
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } catch (NewerException e) {
      throw e;
    } catch (IOException e) {
      if (e instanceof UnreadableFileException unreadable
          && unreadable.reason() == Reason.NEWER_VERSION) {
        throw new NewerException(path + ": " + e.getMessage() + "; use that release");
      }
      if (!path.equals(ownership.spare())) {
        said.add(path + ": nothing can be read: " + UnreadableFileException.text(e));
      }
      return false;
    }
  }

  private static final class NewerException extends IOException {
    private static final long serialVersionUID = 1;

    NewerException(String message) {
      super(message);
    }
  }

  private void add(Snapshot from, int index) {
    SeriesDescriptor descriptor = from.catalog().series().get(index);
    FamilyDescriptor family = from.catalog().familyOf(descriptor);
    Shape shape = Shape.of(family);
    List<String> labelNames = families.computeIfAbsent(shape, s -> family).labelNames();
    List<String> labelValues =
        labelNames.stream()
            .map(name -> descriptor.labelValues().get(family.labelNames().indexOf(name)))
            .toList();
    int first = descriptor.firstCell();
    int end = first + family.cellCount();
    RetainedSeries read =
        new RetainedSeries(
            labelValues,
            descriptor.createdNanos(),
            from.catalog().removedNanos()[index],
            descriptor.owner(),
            Arrays.copyOfRange(from.high(), first, end),
            Arrays.copyOfRange(from.low(), first, end),
            from.exemplars().getOrDefault(index, List.of()),
            from.refinedCounts(index));
    series
        .computeIfAbsent(shape, s -> new LinkedHashMap<>())
        .merge(
            new Key(labelValues, descriptor.owner()),
            read,
            (before, now) -> rank(family, now) > rank(family, before) ? now : before);
  }

  /** What makes one of two values of a series the later one. */
  private static double rank(FamilyDescriptor family, RetainedSeries series) {
    if (family.type().isSet()) {
      return series.high()[SeriesLayout.SET_TIME_CELL] + series.endNanos() / NANOS_PER_MICRO;
    }
    if (series.counts() != null) {
      return series.counts().total();
    }
    double total = 0;
    int first = family.type().isDistribution() ? SeriesLayout.FIRST_BUCKET_CELL : 0;
    for (int i = first; i < series.high().length; i++) {
      total += series.high()[i] + series.low()[i];
    }
    return total;
  }

  /** A worker that is listed and has a file would be lost or counted twice. */
  private void checkNoneHasFiles() throws IOException {
    List<Path> there = new ArrayList<>();
    for (Incarnation incarnation : retired) {
      Path file = StoreFiles.worker(ownership.directory(), incarnation);
      if (!Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
        there.add(file.getFileName());
      }
    }
    if (!there.isEmpty()) {
      throw new IOException(
          "Nothing was changed: the totals list workers whose files are still there. Move these"
              + " away, as what they counted is in the totals, and repair again: "
              + there);
    }
  }

  private void write() throws IOException {
    List<RetainedFamily> totals = new ArrayList<>();
    int seriesCount = 0;
    for (Map.Entry<Shape, FamilyDescriptor> family : families.entrySet()) {
      List<RetainedSeries> all = List.copyOf(series.get(family.getKey()).values());
      totals.add(new RetainedFamily(family.getValue(), all));
      seriesCount += all.size();
    }
    RetainedFile generation = RetainedFile.of(totals, retired, predecessors, maxSeries);
    Spare spare = new Spare(ownership, CrashPoint.NONE);
    LockFiles.Held written = spare.write(generation);
    try {
      StoreFiles.renameAtomically(ownership.spare(), ownership.retained());
    } finally {
      written.release();
    }
    StoreFiles.force(ownership.directory());
    said.add(
        ownership.retained()
            + " was written anew, with "
            + seriesCount
            + " series and a list of "
            + retired.size()
            + " retired workers");
    try {
      spare.make(generation.length());
    } catch (NoSpaceException e) {
      said.add("there is no space for " + ownership.spare() + ", which the next pass will make");
    }
  }
}
