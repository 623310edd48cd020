package io.github.multiprom.metrics;

import io.github.multiprom.internal.file.FormatLimitException;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.internal.worker.IncarnationWriter;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.Incarnation;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Puts the families and series of one worker into its worker file, and moves them into the next
 * one. Thread-safe: what is not counting takes the monitor.
 *
 * <p>Nothing here fails because of the file. A series that finds no space, or no file yet, counts
 * in memory, out of the merged output, and moves into the file with its value when there is space.
 */
/* Mechanism: how series move to another worker file.
 *
 * A worker goes on in another file when its own has lost its name (deleted, or moved away with its
 * directory), or when most records in its file are dead: removed series keep theirs, and cells are
 * never used again. The new file names all earlier ones, its predecessors. A series moves in two
 * steps, a tick apart. First it gets a cell that locks, and that still counts in the old file. When
 * the next tick has come, no thread is inside an increment without the lock any more. Then, with
 * the lock held, the series is published in the new file with its value and counts there.
 *
 * Readers take an unremoved series of an old file as long as no successor has published it. So each
 * increment counts once, wherever the worker is killed and whichever of the files are there. While
 * one series is left in an old file, its lease stays held: nobody retires it.
 *
 * An old file whose name is gone may come back. Its lease stays held until then, as only the file
 * that the worker is in by that time says which of its series count.
 */
@SuppressWarnings("JdkObsolete") // LinkedList on purpose, see the field waiting.
final class SeriesPublisher {
  static final String OVERFLOW_LABEL_VALUE = "overflow";

  /** After a failure to renew the file, so many ticks pass before the next try. */
  private static final int TICKS_BETWEEN_RENEWALS = 10;

  /** So many files whose names are gone are expected to come back. */
  private static final int MAX_AWAY = 8;

  private static final String NO_SPACE = "no_space";
  private static final String FILE_LOST = "file_lost";
  private static final String RETIRED_WRONGLY = "retired_wrongly";

  private record Removal(SeriesHome home, int series, long nanos) {}

  private final Worker worker;
  private final SeriesLimits limits;
  private final SeriesDirectory directory;
  private final Map<String, NamedFamilies> families = new LinkedHashMap<>();
  /* LinkedList on purpose: its add allocates first and then only stores, so a StackOverflowError
   * cannot lose queued entries, as it could while an ArrayDeque grows. */
  // Series that count in memory, or leave a lost file.
  private final Queue<Series> waiting = new LinkedList<>();
  // Removed series whose tombstone found no space.
  private final Queue<Removal> unmarked = new LinkedList<>();
  private final LaterLog log = new LaterLog();
  // Null while no worker file could be made.
  private volatile SeriesHome home;
  // Files that series are leaving, or that may come back. The oldest first.
  private final Deque<SeriesHome> left = new ArrayDeque<>();
  // Earlier incarnations whose files may be there or come back. The housekeeper's alone.
  private final Set<Incarnation> predecessors = new LinkedHashSet<>();
  // Null when a family came or went.
  private volatile Set<String> sampleNames;
  private boolean isCrowded;
  private volatile boolean closed;
  private volatile boolean hasWaiting;
  private long ticks;
  private long renewalTick;
  private long lastNanos;
  // 0: nothing is sampled.
  private volatile long sampledNanos;
  // What samples exemplars where a family has no sampler of its own; null before the first tick.
  private ExemplarSampling.Defaults samplers;
  // By identity, as families have no other.
  private final Set<MetricFamily> selfMetrics = new HashSet<>();
  private Counter storeErrors;
  private Counter overflowed;
  private Counter dropped;

  /**
   * The publisher of a worker.
   *
   * @param writer null if none could be opened: the first one is, as soon as that can be done
   */
  SeriesPublisher(
      Worker worker, IncarnationWriter writer, SeriesLimits limits, SeriesDirectory directory) {
    this.worker = worker;
    this.home = writer == null ? null : new SeriesHome(writer);
    this.limits = limits;
    this.directory = directory;
  }

  LaterLog log() {
    return log;
  }

  /** Publishes the worker's own families now, so that they exist when the disk is full. */
  synchronized void publishSelfMetrics() {
    storeErrors = selfMetric("multiprom_store_errors", "Failures of the store.", "reason");
    storeErrors.labels(NO_SPACE);
    overflowed =
        selfMetric(
            "multiprom_series_overflowed", "Lookups beyond the limit of a family.", "family");
    dropped = selfMetric("multiprom_dropped", "Numbers that were left out of sums.", "reason");
  }

  /** Adds a family about the worker, whose series are few and not limited. */
  synchronized Counter addSelfMetric(String name, String help, String label) {
    return selfMetric(name, help, label);
  }

  private Counter selfMetric(String name, String help, String label) {
    Counter.Builder builder = Counter.build(name, help).labelNames(label);
    Counter counter = builder.make(worker.families(), builder.descriptor());
    counter.ownRegistries = false;
    selfMetrics.add(counter);
    add(counter);
    return counter;
  }

  /** Whether a worker file could be opened. */
  boolean hasFile() {
    return home != null;
  }

  void noteError(String reason) {
    storeErrors.labels(reason).inc();
  }

  /** Notes that a NaN or an infinite number was left out. */
  void noteLeftOut(MetricFamily family, double number) {
    boolean isNan = Double.isNaN(number);
    dropped.labels(isNan ? "nan" : "infinite").inc();
    log.add(
        "left-out " + isNan + " " + worker,
        "Family "
            + family.descriptor.name()
            + " was given "
            + number
            + ", which is left out of sums; multiprom_dropped_total counts such numbers of all"
            + " families");
    log.write();
  }

  /** The family of a name, that with these label names and bounds if there are several. */
  synchronized MetricFamily family(FamilyDescriptor shape) {
    NamedFamilies named = families.get(shape.name());
    if (named == null) {
      return null;
    }
    MetricFamily same = named.find(shape);
    return same != null ? same : named.all().get(0);
  }

  /** Adds a family unless there is one of its name; false if there is. */
  synchronized boolean addIfNew(MetricFamily family) {
    if (families.containsKey(family.descriptor.name())) {
      return false;
    }
    add(family);
    return true;
  }

  /** Adds a family unless there is one of its name, label names and bounds; false if there is. */
  synchronized boolean addBeside(MetricFamily family) {
    NamedFamilies named = families.get(family.descriptor.name());
    if (named != null && named.find(family.descriptor) != null) {
      return false;
    }
    add(family);
    return true;
  }

  private void add(MetricFamily family) {
    NamedFamilies named = named(family);
    named.add(family);
    families.put(family.descriptor.name(), named);
    sampleNames = null;
    if (!closed && home != null) {
      tryPublish(family);
    }
    startWithoutLabels(family);
  }

  private NamedFamilies named(MetricFamily family) {
    NamedFamilies named = families.get(family.descriptor.name());
    return named != null ? named : new NamedFamilies();
  }

  /**
   * Takes over a family that counts on the heap. Its series move into the worker file as those of a
   * file that is left; where there is a family of its name, they join that one's.
   *
   * @throws IllegalArgumentException if that one is of another shape; nothing was done then
   */
  synchronized void takeOver(MetricFamily family, FamilyHome newHome) {
    MetricFamily first = family(family.descriptor);
    if (first == family) {
      return;
    }
    if (first != null) {
      first.checkSameShape(family.descriptor);
    }
    // The family's: nothing is added to it meanwhile.
    synchronized (family) {
      List<Series> all = family.children.all();
      for (Series child : all) {
        if (first != null) {
          child.leader = leader(first, child);
        }
        child.leave();
        child.leftAtTick = ticks + 1;
        waitToMove(child);
      }
      if (first == null) {
        NamedFamilies named = named(family);
        named.add(family);
        all.forEach(named::added);
        families.put(family.descriptor.name(), named);
        sampleNames = null;
        if (!closed && home != null) {
          tryPublish(family);
        }
        family.moveTo(newHome);
      } else {
        family.children = first.children;
        family.moveTo(new JoinedFamilies(first));
      }
    }
  }

  private Supplier<Series> leader(MetricFamily first, Series child) {
    if (child.family.noLabels == child) {
      return () -> first.noLabels;
    }
    String[] values = child.labelValues().toArray(new String[0]);
    Series leader = findOrAdd(first, values, limits.whyTooLong(values));
    return () -> leader;
  }

  private void waitToMove(Series child) {
    waiting.add(child);
    hasWaiting = true;
  }

  private void tryPublish(MetricFamily family) {
    try {
      publishFamily(family, family.descriptor.labelNames());
    } catch (IOException e) {
      noteNoSpace(e);
    }
  }

  /** The index of a family, which is published if need be, in the current file. */
  private int publishFamily(MetricFamily family, List<String> labelNames) throws IOException {
    int index = family.indexOf(labelNames);
    if (index == MetricFamily.UNPUBLISHED) {
      FamilyDescriptor shape = family.descriptor.withOwnRegistries(family.ownRegistries);
      index = home.writer.addFamily(shape.withLists(labelNames, shape.upperBounds()));
      family.noteIndex(labelNames, index);
    }
    return index;
  }

  /**
   * Notes that a registry of all families was given one. If it was published otherwise, it is
   * published again: readers take what some record of the worker says.
   */
  synchronized void showEverywhere(MetricFamily family) {
    if (family.ownRegistries) {
      family.ownRegistries = false;
      if (family.indexOf(family.descriptor.labelNames()) != MetricFamily.UNPUBLISHED && !closed) {
        family.forgetIndexes();
        tryPublish(family);
      }
    }
  }

  /** Removes all families of a name, which others can have then; children count on, unseen. */
  synchronized void giveUp(MetricFamily known, FamilyHome newHome) {
    NamedFamilies named = families.get(known.descriptor.name());
    if (named == null || !named.all().contains(known)) {
      return;
    }
    for (MetricFamily family : named.all()) {
      synchronized (family) {
        detach(family.children.all());
        family.moveTo(newHome);
      }
    }
    families.remove(known.descriptor.name());
    sampleNames = null;
    markRemoved();
  }

  /** The sample names of all families. */
  Set<String> sampleNames() {
    Set<String> names = sampleNames;
    return names != null ? names : collectSampleNames();
  }

  private synchronized Set<String> collectSampleNames() {
    Set<String> names = new HashSet<>();
    for (NamedFamilies named : families.values()) {
      named.all().forEach(family -> names.addAll(family.sampleNames()));
    }
    sampleNames = names;
    return names;
  }

  private void startWithoutLabels(MetricFamily family) {
    if (family.descriptor.labelNames().isEmpty()
        && (family.noLabels == null || family.noLabels.removed)) {
      family.noLabels = findOrAdd(family, new String[0], null);
    }
  }

  /** The child of a family with a label set, new or, beyond the limits, the one for all those. */
  Series child(MetricFamily family, String[] labelValues) {
    // Without the monitor: this may be every request, and must not be a place where all meet.
    String tooLong = limits.whyTooLong(labelValues);
    Series found = family.full || tooLong != null ? family.overflow : null;
    if (found == null) {
      found = findOrAdd(family, labelValues, tooLong);
      log.write();
    }
    if (found == family.overflow) {
      overflowed.labels(family.descriptor.name()).inc();
    }
    return found;
  }

  /** As {@link #child}, but null for a label set beyond the limits. */
  synchronized Series childWithinLimits(MetricFamily family, String[] labelValues) {
    NamedFamilies named = named(family);
    Series found = named.find(family, labelValues);
    if (found != null) {
      return found;
    }
    boolean isWithin =
        limits.whyTooLong(labelValues) == null
            && limits.whyFull(named.seriesCount(), named.labelBytes(), labelValues) == null;
    return isWithin ? addChild(family, labelValues) : null;
  }

  private synchronized Series findOrAdd(MetricFamily family, String[] labelValues, String tooLong) {
    NamedFamilies named = named(family);
    Series found = named.find(family, labelValues);
    if (found != null) {
      return found;
    }
    family.full = isFull(family, named);
    String why = tooLong;
    if (why == null && !isSelfMetric(family)) {
      why = limits.whyFull(named.seriesCount(), named.labelBytes(), labelValues);
    }
    if (why == null) {
      return addChild(family, labelValues);
    }
    if (family.overflow == null) {
      String[] values = new String[labelValues.length];
      Arrays.fill(values, OVERFLOW_LABEL_VALUE);
      Series other = named.find(family, values);
      family.overflow = other != null ? other : addChild(family, values);
      named.overflowInto(family.overflow);
    }
    log.add(
        "overflow " + family.descriptor.name() + " " + worker + why,
        "Family "
            + family.descriptor.name()
            + " "
            + why
            + "; new label sets count in one series with the label values "
            + OVERFLOW_LABEL_VALUE);
    return family.overflow;
  }

  private boolean isFull(MetricFamily family, NamedFamilies named) {
    return !isSelfMetric(family) && named.seriesCount() >= limits.maxSeries();
  }

  /** The limits do not hold for them: there are as few series as reasons and families. */
  private boolean isSelfMetric(MetricFamily family) {
    return selfMetrics.contains(family);
  }

  private Series addChild(MetricFamily family, String[] labelValues) {
    Series child = family.newChild(labelValues, nextNanos());
    IOException failure = null;
    if (closed) {
      child.startInMemory();
    } else if (home == null) {
      child.startInMemory();
      waitToMove(child);
    } else {
      try {
        publish(child, child.initialValue());
        child.attach(home.writer, child.index);
        attachExemplars(child);
      } catch (IOException e) {
        child.startInMemory();
        waitToMove(child);
        failure = e;
      }
    }
    family.children.add(child);
    named(family).added(child);
    if (failure != null) {
      // Last: this counts, in a series that may be the very one that was added.
      noteNoSpace(failure);
    }
    return child;
  }

  /** Adds a child that was of no family, with what it has counted; see {@link FamilyHome}. */
  void setChild(MetricFamily family, Series child, String[] labelValues) {
    synchronized (this) {
      NamedFamilies named = named(family);
      Series before = named.find(family, labelValues);
      if (before != null) {
        detach(List.of(before));
        named.removed(before);
        before.family.children.remove(before);
        markRemoved();
      }
      child.bind(family, labelValues, nextNanos());
      child.leave();
      family.children.add(child);
      named.added(child);
      if (labelValues.length == 0) {
        family.noLabels = child;
      }
      move(child);
    }
    log.write();
  }

  /** Publishes the exemplars of a child, if it has any, and is in a file. */
  synchronized void attachExemplars(Series child) {
    Exemplars exemplars = child.exemplars();
    if (exemplars != null && child.home != null && !child.removed) {
      exemplars.attach(child.home.writer, child.index);
    }
  }

  private void lookForSamplers() {
    ExemplarSampling.Defaults now = ExemplarSampling.Defaults.now();
    if (now.equals(samplers)) {
      return;
    }
    samplers = now;
    for (NamedFamilies named : families.values()) {
      for (MetricFamily family : named.all()) {
        family.children.all().forEach(Series::lookForSampler);
      }
    }
  }

  private void move(Series child) {
    if (closed || home == null) {
      waitToMove(child);
      return;
    }
    try {
      child.moveTo(home.writer, value -> publish(child, finite(child, value)));
      attachExemplars(child);
    } catch (IOException e) {
      waitToMove(child);
      noteNoSpace(e);
    }
  }

  /** The time; later than any before, as it orders the removal of a series and its return. */
  private long nextNanos() {
    lastNanos = Math.max(lastNanos + 1, EpochClock.nowNanos());
    return lastNanos;
  }

  private int publish(Series child, double[] value) throws IOException {
    SeriesHome to = home;
    if (child.home == to) {
      // The last time no heap was left for its cell.
      return child.index;
    }
    Series.Labels labels = child.published();
    int family = publishFamily(child.family, labels.names());
    child.index =
        to.writer.addSeries(family, withinLimits(labels.values()), child.createdNanos, value);
    if (child.home != null) {
      child.home.liveCount--;
    }
    child.home = to;
    to.publishedCount++;
    to.liveCount++;
    return child.index;
  }

  /** Only an info has values here that are too long: any other series counts in overflow then. */
  private List<String> withinLimits(List<String> labelValues) {
    if (limits.whyTooLong(labelValues.toArray(new String[0])) == null) {
      return labelValues;
    }
    List<String> all = new ArrayList<>(labelValues);
    all.replaceAll(
        value -> limits.whyTooLong(new String[] {value}) == null ? value : OVERFLOW_LABEL_VALUE);
    return all;
  }

  /** Publishes a child with other labels, and then removes what was published before. */
  void publishAnew(Series child) {
    synchronized (this) {
      SeriesHome before = child.home;
      if (closed || before == null) {
        return;
      }
      unpublish(child, nextNanos());
      if (before == home) {
        try {
          publish(child, child.initialValue());
          child.attach(home.writer, child.index);
        } catch (IOException e) {
          child.leave();
          waitToMove(child);
          noteNoSpace(e);
        }
      }
      markRemoved();
    }
    log.write();
  }

  private void noteNoSpace(IOException e) {
    log.addError(
        "no space " + worker,
        "No space for more series in the worker file of "
            + worker
            + ": they count in memory, missing from the merged output, until there is space ("
            + e.getMessage()
            + ")");
    if (storeErrors != null) {
      noteError(NO_SPACE);
    }
  }

  void remove(MetricFamily family, String[] labelValues) {
    removeOne(family, labelValues);
    log.write();
  }

  private synchronized void removeOne(MetricFamily family, String[] labelValues) {
    Series child =
        labelValues.length == family.descriptor.labelNames().size()
            ? named(family).find(family, labelValues)
            : null;
    if (child != null) {
      removeAll(List.of(child));
    }
  }

  void clear(MetricFamily family) {
    synchronized (this) {
      removeAll(family.children.all());
    }
    log.write();
  }

  private void removeAll(List<Series> gone) {
    if (gone.isEmpty()) {
      return;
    }
    // All have the same name; a label set may be the child of another list.
    MetricFamily owner = gone.get(0).family;
    NamedFamilies named = named(owner);
    detach(gone);
    for (Series child : gone) {
      named.removed(child);
      // Last: removing again completes a removal that a stack overflow cut short.
      owner.children.remove(child);
    }
    markRemoved();
    for (MetricFamily family : named.all()) {
      if (family.overflow != null && family.overflow.removed) {
        family.overflow = null;
      }
      family.full = isFull(family, named);
      startWithoutLabels(family);
    }
  }

  /** Takes children out of the files. A thread that holds one counts on, without being seen. */
  private void detach(List<Series> gone) {
    long now = nextNanos();
    for (Series child : gone) {
      child.removed = true;
      unpublish(child, now);
      child.detach();
      if (child.exemplars() != null) {
        child.exemplars().detach();
      }
    }
  }

  /** Leaves a series in its file, if it is in one, which is to be marked as removed. */
  private void unpublish(Series child, long now) {
    SeriesHome before = child.home;
    if (before != null) {
      unmarked.add(new Removal(before, child.index, now));
      child.home = null;
      before.liveCount--;
      before.unmarkedCount++;
    }
  }

  private void markRemoved() {
    SeriesHome full = null;
    for (Iterator<Removal> all = unmarked.iterator(); all.hasNext() && !closed; ) {
      Removal removal = all.next();
      if (removal.home == full) {
        continue;
      }
      try {
        removal.home.writer.remove(removal.series, removal.nanos);
      } catch (IOException e) {
        if (!isAway(removal.home)) {
          full = removal.home;
          noteNoSpace(e);
          continue;
        }
        // It cannot grow any more. It counts, should the file come back.
      }
      all.remove();
      removal.home.unmarkedCount--;
    }
  }

  private boolean isAway(SeriesHome other) {
    return other != home && !other.writer.isReachable();
  }

  /**
   * Does what is due: notes that the worker lives, opens a file if there is none, if it has lost
   * its name or if most of it is dead, and moves series into the file. Called by one thread, with a
   * pause between two calls that is longer than any increment takes.
   */
  void tick() {
    SeriesHome current = home;
    if (current == null) {
      openLate();
    } else {
      beat();
      if (!current.writer.isReachable()) {
        leave(current, true);
      } else if (isWorthRenewing(current)) {
        leave(current, false);
      }
    }
    startTick();
    moveWaiting();
    giveUpWhatWasLeft();
    noteWaiting();
    isCrowded &= hasEarlierFile();
    log.write();
  }

  private void moveWaiting() {
    boolean more = true;
    for (int left = waitingCount(); more && left > 0; left--) {
      more = moveNext();
    }
  }

  /** Whether dead workers should be retired, for want of space or for files of this worker. */
  synchronized boolean needsRetiring() {
    return home == null || isCrowded || waiting.stream().anyMatch(this::mayMove);
  }

  /** Does what of the last tick found no space. */
  void useSpace() {
    if (home == null) {
      openLate();
    } else {
      home.writer.noteSpace();
    }
    moveWaiting();
    log.write();
  }

  /** Without the monitor, which new series need: a file system may hold up the look at a lease. */
  private void beat() {
    long now = EpochClock.nowNanos();
    for (SeriesHome each : homes()) {
      each.writer.beat(now);
    }
  }

  private synchronized List<SeriesHome> homes() {
    List<SeriesHome> homes = new ArrayList<>(left);
    homes.add(home);
    return homes;
  }

  private synchronized void noteWaiting() {
    hasWaiting = !waiting.isEmpty();
  }

  private synchronized void startTick() {
    ticks++;
    lookForSamplers();
    markRemoved();
    // Else a full disk and a coming and going of series would let it grow forever.
    waiting.removeIf(child -> child.removed);
  }

  private synchronized int waitingCount() {
    return home == null ? 0 : waiting.size();
  }

  private void openLate() {
    IncarnationWriter opened;
    try {
      opened = directory.open(List.of());
    } catch (IOException | RuntimeException | Error e) {
      // The worker has said so when it was opened.
      return;
    }
    if (moveOut(opened, false)) {
      StoreLog.warnOnce(
          "opened late " + worker,
          "The metrics directory of worker "
              + worker
              + " can be used now; what was counted in memory moves into it");
    } else {
      opened.close();
    }
  }

  private synchronized boolean isWorthRenewing(SeriesHome current) {
    return current.isWorthRenewing(limits.maxSeries())
        && ticks >= renewalTick
        && left.stream().allMatch(other -> other.liveCount == 0);
  }

  /** Opens the next file and begins to move all series there. */
  private void leave(SeriesHome current, boolean isLost) {
    Incarnation own = current.writer.info().incarnation();
    if (!isLost) {
      // What is not beside the current file was retired, or stands with a lost one.
      predecessors.removeIf(earlier -> !isLeft(earlier) && !directory.has(earlier));
      isCrowded = hasEarlierFile();
    }
    predecessors.add(own);
    IncarnationWriter next;
    try {
      next = directory.open(predecessors);
    } catch (IOException | RuntimeException e) {
      predecessors.remove(own);
      if (isLost) {
        StoreLog.errorOnce(
            "lost " + worker,
            "The worker file of " + worker + " was deleted and no new one can be made: " + e);
      }
      renewalTick = ticks + TICKS_BETWEEN_RENEWALS;
      return;
    }
    // Its name is gone because it was retired, or the totals do not list it.
    boolean wasRetired = isLost && directory.wasRetired(own);
    if (!moveOut(next, wasRetired)) {
      next.close();
      return;
    }
    if (isLost) {
      tellOfLoss(own, wasRetired);
    }
  }

  /** Whether nobody has retired the last file, or those before. */
  private boolean hasEarlierFile() {
    return predecessors.stream().anyMatch(earlier -> !isLeft(earlier) && directory.has(earlier));
  }

  private synchronized boolean isLeft(Incarnation earlier) {
    return left.stream().anyMatch(other -> other.writer.info().incarnation().equals(earlier));
  }

  private void tellOfLoss(Incarnation own, boolean wasRetired) {
    if (wasRetired) {
      StoreLog.errorOnce(
          "retired " + own,
          "Worker "
              + worker
              + " was retired although it lives. What it had counted is in the retained totals; it"
              + " starts again from 0 in a new file");
    } else {
      StoreLog.warnOnce(
          "replaced " + own,
          "The worker file of " + worker + " was deleted; all series move into a new one");
    }
    noteError(wasRetired ? RETIRED_WRONGLY : FILE_LOST);
  }

  /**
   * Makes a file the current one.
   *
   * @param wasRetired whether the series of the one before were retired with it
   */
  private synchronized boolean moveOut(IncarnationWriter next, boolean wasRetired) {
    if (closed) {
      return false;
    }
    // Those that join another child are of families that have no name here.
    waiting.removeIf(child -> child.leader == null);
    SeriesHome before = home;
    if (before != null) {
      left.add(before);
    }
    home = new SeriesHome(next);
    if (sampledNanos != 0) {
      next.noteSample(sampledNanos);
    }
    List<MetricFamily> all = new ArrayList<>();
    families.values().forEach(named -> all.addAll(named.all()));
    for (MetricFamily family : all) {
      family.forgetIndexes();
    }
    for (MetricFamily family : all) {
      tryPublish(family);
      for (Series child : family.children.all()) {
        if (child.home == before && wasRetired) {
          child.startAgain();
          child.home = null;
          before.liveCount--;
        } else if (child.home != null) {
          child.leave();
          child.leftAtTick = ticks + 1;
        }
        waitToMove(child);
      }
    }
    return true;
  }

  /** Moves the first series that waits; false if there is no space for it. */
  private synchronized boolean moveNext() {
    Series child = waiting.poll();
    if (child == null || closed) {
      return false;
    }
    if (child.removed) {
      return true;
    }
    boolean moved = false;
    try {
      if (mayMove(child)) {
        if (child.leader != null) {
          child.join(child.leader);
        } else {
          child.moveTo(home.writer, value -> publish(child, finite(child, value)));
          attachExemplars(child);
        }
        moved = true;
      }
      return true;
    } catch (FormatLimitException e) {
      // Others may fit.
      return true;
    } catch (IOException e) {
      // Known already.
      return false;
    } finally {
      if (!moved) {
        waiting.add(child);
      }
    }
  }

  /** A sum from the time without a directory may be infinite or NaN, one in a file must not. */
  private static double[] finite(Series child, double[] value) {
    if (child.family instanceof Gauge || Double.isFinite(value[0])) {
      return value;
    }
    double[] finite = value.clone();
    finite[0] = 0;
    return finite;
  }

  private boolean mayMove(Series child) {
    return child.leftAtTick < ticks;
  }

  /** Gives up the leases of files that no series is in any more. Without the monitor, as above. */
  private void giveUpWhatWasLeft() {
    int awayCount = 0;
    for (SeriesHome other : emptyHomes()) {
      boolean isBack = other.writer.isReachable();
      if (!isBack) {
        awayCount++;
        deleteIfUnreadable(other);
      }
      if (isBack || awayCount > MAX_AWAY) {
        other.writer.close();
        forget(other);
      }
    }
  }

  /** The files that all series have left, the newest first. */
  private synchronized List<SeriesHome> emptyHomes() {
    List<SeriesHome> empty = new ArrayList<>();
    for (SeriesHome other : left) {
      if (other.liveCount == 0 && other.unmarkedCount == 0) {
        empty.add(0, other);
      }
    }
    return empty;
  }

  private synchronized void forget(SeriesHome other) {
    left.remove(other);
  }

  private static void deleteIfUnreadable(SeriesHome other) {
    try {
      other.writer.deleteIfUnreadable();
    } catch (IOException e) {
      // The next tick may do better. Collectors say that they cannot read it.
    }
  }

  /** Whether series wait to be moved into a file. */
  boolean hasWaiting() {
    return hasWaiting;
  }

  /**
   * Moves what waits, as there will be no other tick. The caller waits before, longer than an
   * increment takes.
   */
  synchronized void moveAtExit() {
    ticks += 2;
    moveWaiting();
    noteWaiting();
  }

  /** A gauge of live workers that the application set, not to 0; null if there is none. */
  synchronized MetricFamily liveGauge() {
    for (NamedFamilies named : families.values()) {
      for (MetricFamily family : named.all()) {
        if (family instanceof Gauge && family.descriptor.liveOnly() && !family.sampled) {
          for (Series child : family.children.all()) {
            if (((Gauge.Child) child).cell.get() != 0) {
              return family;
            }
          }
        }
      }
    }
    return null;
  }

  /** Notes in the file that all that is sampled was sampled just before. */
  void noteSample(long nowNanos) {
    sampledNanos = nowNanos;
    SeriesHome current = home;
    if (current != null) {
      current.writer.noteSample(nowNanos);
    }
  }

  /** Marks the exit; only a store into memory. */
  void markExit() {
    SeriesHome current = home;
    if (current != null) {
      current.writer.markExit(EpochClock.nowNanos());
    }
  }

  synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (home != null) {
      home.writer.close();
    }
    for (SeriesHome other : left) {
      other.writer.close();
    }
    left.clear();
  }
}
