package io.github.multiprom.merge;

import io.github.multiprom.internal.directory.DirectoryCollectors;
import io.github.multiprom.internal.directory.DirectoryIdentity;
import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.directory.RegistryView;
import io.github.multiprom.internal.directory.SampledWorkers;
import io.github.multiprom.internal.directory.SnapshotReader;
import io.github.multiprom.internal.os.ExhaustedException;
import io.github.multiprom.internal.os.RecordMethods;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.ForeignSource;
import io.github.multiprom.model.Settings;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Shows on a registry the merged metrics of every worker of a metrics directory. Thread-safe; one
 * merge at a time, and no worker waits for it.
 *
 * <pre>{@code
 * new MultiprocessCollector(Path.of("/run/app-metrics")).register(registry);
 * }</pre>
 *
 * <p>It belongs on a registry of its own or on that of the workers' {@code register()}, which adds
 * it there by itself. {@link #describe()} is empty: a registry would otherwise run a whole collect
 * at registration.
 *
 * <p>Beside the workers' families it shows its own state: {@code multiprom_workers}, {@code
 * multiprom_files_skipped}, {@code multiprom_conflicts}, {@code multiprom_series}, {@code
 * multiprom_store_bytes}, {@code multiprom_merge_duration_seconds}. Workers' families of these
 * names are not shown. With the system property {@code multiprom.selfMetrics=false} nothing is
 * shown whose name begins with {@code multiprom_}.
 */
public final class MultiprocessCollector extends Collector
    implements Collector.Describable, AutoCloseable {
  /** The system property that names the label of per-worker gauges. */
  public static final String WORKER_LABEL_PROPERTY = Settings.WORKER_LABEL;

  /** The label of per-worker gauges unless {@link #WORKER_LABEL_PROPERTY} names another. */
  public static final String DEFAULT_WORKER_LABEL = Settings.DEFAULT_WORKER_LABEL;

  /** The system property that leaves out {@code multiprom_*} if it is {@code false}. */
  static final String SELF_METRICS_PROPERTY = Settings.SELF_METRICS;

  private static final double NANOS_PER_SECOND = 1e9;

  /** So often a scrape waits for a pass before it reads a backlog as it is. */
  private static final int MAX_BACKLOG_TRIES = 50;

  private static final DirectorySnapshot EMPTY =
      new DirectorySnapshot(List.of(), List.of(), Map.of(), 0);

  private final SnapshotReader reader;
  private final Retirer retirer;
  private final String workerLabel;
  private final LongSupplier clock;
  private final SelfMetrics selfMetrics = new SelfMetrics();
  private final boolean hasSelfMetrics = !"false".equals(System.getProperty(SELF_METRICS_PROPERTY));
  private DirectorySnapshot lastRead = EMPTY;
  private MergePlan plan;
  private final SingleWorkerPlans single = new SingleWorkerPlans();
  private volatile boolean closed;

  /**
   * A collector of a directory, which need not exist yet.
   *
   * @param directory the metrics directory
   * @throws IllegalArgumentException if the system property {@value #WORKER_LABEL_PROPERTY} is not
   *     a label name
   */
  public MultiprocessCollector(Path directory) {
    this(
        new DirectoryReader(directory),
        System.getProperty(WORKER_LABEL_PROPERTY, DEFAULT_WORKER_LABEL));
  }

  /**
   * A collector of a directory in which not only workers count.
   *
   * @param directory the metrics directory, which need not exist yet
   * @param foreign what others count there; closed with this collector
   * @throws IllegalArgumentException if the system property {@value #WORKER_LABEL_PROPERTY} is not
   *     a label name
   */
  public MultiprocessCollector(Path directory, ForeignSource foreign) {
    this(
        new DirectoryReader(directory, foreign),
        System.getProperty(WORKER_LABEL_PROPERTY, DEFAULT_WORKER_LABEL));
  }

  /**
   * A collector of what a reader reads.
   *
   * @param reader closed with this collector
   * @param workerLabel name of the label of per-worker gauges
   * @throws IllegalArgumentException if that is not a label name
   */
  public MultiprocessCollector(SnapshotReader reader, String workerLabel) {
    this(reader, workerLabel, EpochClock::nowNanos);
  }

  /** As above, by another clock: nanoseconds since the epoch. */
  MultiprocessCollector(SnapshotReader reader, String workerLabel, LongSupplier clock) {
    this.clock = clock;
    FamilyDescriptor.checkLabelName(workerLabel);
    this.reader = reader;
    this.retirer = reader instanceof DirectoryReader directory ? new Retirer(directory) : null;
    this.workerLabel = workerLabel;
  }

  /**
   * Merges and hands the families over: the fast way, without an object per sample.
   *
   * <p>Never fails because of what is, or is not, in the directory. A missing directory has no
   * workers. One that was read before and now cannot be read is served from the last read, and
   * counted in {@code multiprom_files_skipped} as {@code directory}.
   *
   * @param filter which families are wanted; the others are not merged
   * @param use what is done with the families, which are sorted by name. Their arrays are filled
   *     anew by the next merge, which waits until this function returns.
   * @return what {@code use} returned
   * @throws ExhaustedException if this process lacks the heap, direct memory or file descriptors to
   *     show what is there, and nothing was shown before: an exporter answers with status 503 then
   */
  public <T> T merge(Predicate<FamilyDescriptor> filter, Function<List<MergedFamily>, T> use) {
    return merge((family, isAllOwn) -> filter.test(family), use);
  }

  private <T> T merge(RegistryView view, Function<List<MergedFamily>, T> use) {
    long start = System.nanoTime();
    return read(
        directory ->
            use.apply(directory == null ? List.of() : mergeIfRoom(directory, view, start)));
  }

  /**
   * Merges what one worker counted, over all files that it has in the directory, as if it were
   * alone: series per worker have no label for it, and neither the totals of retired workers nor
   * what this collector says of itself are in it.
   *
   * @param worker an incarnation of it, as 32 hexadecimal digits, or the name with which series per
   *     worker show it
   * @param filter which families are wanted; the others are not merged
   * @param use as in {@link #merge}
   * @return what {@code use} returned; empty if there is no such worker
   * @throws ExhaustedException as {@link #merge}
   */
  public <T> Optional<T> mergeWorker(
      String worker, Predicate<FamilyDescriptor> filter, Function<List<MergedFamily>, T> use) {
    Predicate<FamilyDescriptor> wanted =
        family -> (hasSelfMetrics || !SelfMetrics.isOne(family)) && filter.test(family);
    return read(
        directory -> {
          List<MergedFamily> families =
              directory == null ? null : single.merge(directory, worker, wanted);
          return families == null ? Optional.empty() : Optional.of(use.apply(families));
        });
  }

  /**
   * The workers that have a file, as one read found them, in the order of their names.
   *
   * @throws ExhaustedException as {@link #merge}
   */
  public List<WorkerStatus> workers() {
    return read(directory -> directory == null ? List.of() : WorkerStatus.all(directory));
  }

  /**
   * Reads the directory, and keeps what was read as it is until it was used.
   *
   * @param use gets null if there is nothing to show
   */
  private <T> T read(Function<DirectorySnapshot, T> use) {
    if (SampledWorkers.isInSource()) {
      return use.apply(null);
    }
    if (reader.directory() != null) {
      SampledWorkers.sample(reader.directory());
    }
    // An appender of the application may wait for a scrape that waits for this one.
    StoreLog.hold();
    try {
      for (int tries = 0; ; tries++) {
        // The reader's monitor: what it has read stays as it is until the result was used.
        synchronized (reader) {
          if (closed) {
            return use.apply(null);
          }
          DirectorySnapshot directory = read(tries < MAX_BACKLOG_TRIES);
          if (directory != null) {
            return use.apply(directory);
          }
        }
        // Not in the monitor, which the pass needs.
        if (!retirer.retireBacklog()) {
          tries = MAX_BACKLOG_TRIES;
        }
      }
    } finally {
      StoreLog.release();
    }
  }

  /** The application must not end because of what there is to merge. */
  private List<MergedFamily> mergeIfRoom(
      DirectorySnapshot directory, RegistryView view, long start) {
    try {
      return mergeFamilies(directory, view, start);
    } catch (OutOfMemoryError e) {
      throw noHeap(directory, e);
    }
  }

  private ExhaustedException noHeap(DirectorySnapshot directory, OutOfMemoryError e) {
    plan = null;
    return new ExhaustedException("Not enough heap to merge " + directory.bytes() + " bytes", e);
  }

  /**
   * What there is in the directory, for people, by one read and merge.
   *
   * @throws ExhaustedException as {@link #merge}
   */
  public DirectoryOverview overview() {
    long start = System.nanoTime();
    return read(directory -> overview(directory == null ? EMPTY : directory, start));
  }

  private DirectoryOverview overview(DirectorySnapshot directory, long start) {
    try {
      follow(directory);
      List<MergedFamily> ofWorkers = plan.merge(directory, SelfMetrics::isOne);
      double seconds = (System.nanoTime() - start) / NANOS_PER_SECOND;
      return DirectoryOverview.of(reader.directory(), directory, plan, ofWorkers, seconds);
    } catch (OutOfMemoryError e) {
      throw noHeap(directory, e);
    }
  }

  private void follow(DirectorySnapshot directory) {
    if (plan == null || !plan.fits(directory)) {
      MergePlan next = plan == null ? new MergePlan(workerLabel, SelfMetrics.NAMES) : plan;
      // A plan that fails halfway is of no use.
      plan = null;
      next.follow(directory, EpochClock.nowNanos());
      plan = next;
      // The retirer drops from the retained totals what no worker shows any more.
      if (retirer != null && !directory.retained().isEmpty() && plan.hasRemovedSeries()) {
        retirer.wake();
      }
    }
  }

  private List<MergedFamily> mergeFamilies(
      DirectorySnapshot directory, RegistryView view, long start) {
    follow(directory);
    boolean isAllOwn = plan.isAllOwn();
    List<MergedFamily> families =
        plan.merge(
            directory,
            family ->
                (hasSelfMetrics || !SelfMetrics.isOne(family)) && view.shows(family, isAllOwn),
            clock);
    if (hasSelfMetrics) {
      double seconds = (System.nanoTime() - start) / NANOS_PER_SECOND;
      for (MergedFamily family : selfMetrics.of(directory, plan, seconds, directoryId())) {
        if (view.shows(family.descriptor(), isAllOwn)) {
          families.add(family);
        }
      }
    }
    families.sort(Comparator.comparing(family -> family.descriptor().name()));
    return families;
  }

  private Optional<String> directoryId() {
    return reader instanceof DirectoryReader directory
        ? DirectoryIdentity.of(directory.directory())
        : Optional.empty();
  }

  /** Reads the directory; null if there is a backlog and the caller does not want it read. */
  private DirectorySnapshot read(boolean unlessBacklog) {
    try {
      DirectorySnapshot read =
          reader instanceof DirectoryReader directory && unlessBacklog
              ? directory.readUnlessBacklog()
              : reader.read();
      if (read == null) {
        return null;
      }
      lastRead = read;
      if (reader instanceof DirectoryReader directory && hasRetirable(directory)) {
        retirer.wake();
      }
      return lastRead;
    } catch (NoSuchFileException e) {
      lastRead = EMPTY;
      return EMPTY;
    } catch (ExhaustedException e) {
      if (lastRead.equals(EMPTY)) {
        throw e;
      }
      return unreadable(e);
    } catch (IOException e) {
      return unreadable(e);
    }
  }

  private boolean hasRetirable(DirectoryReader directory) {
    return lastRead.workers().stream()
        .anyMatch(worker -> !worker.live() && directory.isRetirable(worker.worker().incarnation()));
  }

  /** What was read last. */
  private DirectorySnapshot unreadable(Exception e) {
    StoreLog.warnOnce("unreadable " + e, "The metrics directory cannot be read: " + e);
    return new DirectorySnapshot(
        lastRead.workers(), lastRead.retained(), Map.of("directory", 1), lastRead.bytes());
  }

  /**
   * All families; never throws because of what is in the directory.
   *
   * @throws ExhaustedException as {@link #merge}
   */
  @Override
  public List<MetricFamilySamples> collect() {
    return merge(RegistryView.WHOLE, MultiprocessCollector::samples);
  }

  /**
   * The samples whose names pass a filter; families without such a sample are not merged.
   *
   * @param sampleNameFilter null for all
   */
  @Override
  public List<MetricFamilySamples> collect(
      io.prometheus.client.Predicate<String> sampleNameFilter) {
    return collect(RegistryView.WHOLE, sampleNameFilter);
  }

  /**
   * What a registry shows, as {@link io.github.multiprom.internal.directory.DirectoryCollector}.
   */
  List<MetricFamilySamples> collect(
      RegistryView view, io.prometheus.client.Predicate<String> sampleNameFilter) {
    if (sampleNameFilter == null) {
      return merge(view, MultiprocessCollector::samples);
    }
    List<MetricFamilySamples> families =
        merge(
            (family, isAllOwn) ->
                view.shows(family, isAllOwn)
                    && SampleNames.all(family).stream().anyMatch(sampleNameFilter::test),
            MultiprocessCollector::samples);
    List<MetricFamilySamples> filtered = new ArrayList<>(families.size());
    for (MetricFamilySamples family : families) {
      MetricFamilySamples passed = family.filter(sampleNameFilter);
      if (passed != null) {
        filtered.add(passed);
      }
    }
    return filtered;
  }

  private static List<MetricFamilySamples> samples(List<MergedFamily> families) {
    List<MetricFamilySamples> samples = new ArrayList<>(families.size());
    for (MergedFamily family : families) {
      samples.add(SimpleclientSamples.of(family));
    }
    return samples;
  }

  /**
   * Registers this collector, in the place of another one of the directory, such as that of a
   * metric's {@code register()}: none of its samples is shown twice.
   */
  @Override
  @SuppressWarnings("TypeParameterUnusedInFormals") // The signature is simpleclient's.
  public <T extends Collector> T register(CollectorRegistry registry) {
    if (reader instanceof DirectoryReader ofDirectory) {
      DirectoryCollectors.replaceBy(this, ofDirectory.directory(), registry);
    }
    return super.register(registry);
  }

  /** Empty: what there will be to show is known when the workers' files are read. */
  @Override
  public List<MetricFamilySamples> describe() {
    return List.of();
  }

  /** Waits a little for a retiring pass and closes the reader. Later collects are empty. */
  @Override
  public void close() {
    closed = true;
    // Not in the monitor, which a pass that is running needs.
    if (retirer != null) {
      retirer.close();
    }
    synchronized (reader) {
      plan = null;
      single.clear();
      lastRead = EMPTY;
      reader.close();
    }
    RecordMethods.letGo();
  }
}
