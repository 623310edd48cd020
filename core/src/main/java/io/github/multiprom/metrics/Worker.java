package io.github.multiprom.metrics;

import io.github.multiprom.internal.os.ProcessIdentity;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.internal.worker.IncarnationWriter;
import io.github.multiprom.internal.worker.StoreKind;
import io.github.multiprom.internal.worker.StoreOptions;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.MetricType;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * What records the metrics of this JVM, in a metrics directory or in memory. Thread-safe.
 *
 * <p>Most applications never name it: the first family that is made opens the default worker, which
 * is configured by system properties.
 *
 * <table>
 * <caption>Configuration</caption>
 * <tr><th>builder</th><th>system property</th><th>default</th></tr>
 * <tr><td>{@link Builder#directory}</td><td>{@code multiprom.dir}, then the environment variable
 *     {@code PROMETHEUS_MULTIPROC_DIR}</td><td>none: in memory</td></tr>
 * <tr><td>{@link Builder#name}</td><td>{@code multiprom.worker}</td><td>the pid</td></tr>
 * <tr><td>{@link Builder#workerLabel}</td><td>{@code multiprom.workerLabel}</td>
 *     <td>{@code worker}</td></tr>
 * <tr><td>{@link Builder#maxLanes}</td><td>{@code multiprom.maxLanes}</td><td>2 per CPU, 16 to 64</td></tr>
 * <tr><td>{@link Builder#maxSeries}</td><td>{@code multiprom.maxSeries}</td><td>10000</td></tr>
 * <tr><td>{@link Builder#maxLabelValueBytes}</td><td>{@code multiprom.maxLabelValueBytes}</td>
 *     <td>4096</td></tr>
 * <tr><td>{@link Builder#maxLabelBytes}</td><td>{@code multiprom.maxLabelBytes}</td>
 *     <td>2097152</td></tr>
 * <tr><td>{@link Builder#store}</td><td>{@code multiprom.store}, then the environment variable
 *     {@code MULTIPROM_STORE}</td><td>{@code mapped}</td></tr>
 * <tr><td>{@link Builder#gaugeMode}</td><td>{@code multiprom.gaugeMode}</td>
 *     <td>{@code LIVEALL}</td></tr>
 * <tr><td>{@link Builder#gaugeModes}</td><td>{@code multiprom.gaugeModes}, then the environment
 *     variable {@code MULTIPROM_GAUGE_MODES}</td><td>none</td></tr>
 * <tr><td></td><td>{@code multiprom.samplePeriod}, seconds between two looks at what is {@linkplain
 *     #sampler sampled}</td><td>1</td></tr>
 * <tr><td></td><td>{@code multiprom.port}, a port that all workers of the directory may share:
 *     one of them serves the merged metrics there (needs {@code multiprom-exposition})</td>
 *     <td>none</td></tr>
 * <tr><td></td><td>{@code multiprom.ports}, a range of ports as {@code 8001-8050}: each worker
 *     serves its own metrics at the first that is free</td><td>none</td></tr>
 * <tr><td></td><td>{@code multiprom.host}, where these ports are</td><td>{@code 127.0.0.1}</td></tr>
 * <tr><td></td><td>{@code multiprom.webConfig}, a file with TLS and passwords of these ports</td>
 *     <td>none</td></tr>
 * </table>
 *
 * <p>An application that decides at run time opens it first:
 *
 * <pre>{@code
 * Worker worker = Worker.builder().directory(directory).name("web-1").open();
 * }</pre>
 *
 * <p>It takes over what was counted in memory before: families of equal name and shape that
 * registries hold become one, with their numbers.
 *
 * <p>A directory that cannot be used is one error on the log. What is counted meanwhile moves into
 * it when it can be.
 */
public final class Worker implements AutoCloseable {
  /** Opens an incarnation of a worker in its directory. */
  @FunctionalInterface
  interface Store {
    IncarnationWriter open(
        Path directory, StoreOptions options, Collection<Incarnation> predecessors)
        throws IOException;
  }

  private final String description;
  private final GaugeModes gaugeModes;
  private final String workerLabel;
  // Null without a directory.
  private final WorkerInDirectory inDirectory;
  // Null with a directory.
  private final MemoryFamilies memory;
  private final FamilyHome families;
  private final Sampler sampler;
  // Weak: no registry is kept because of its worker.
  private final Set<MergedRegistry> registries = Collections.newSetFromMap(new WeakHashMap<>());

  /** Whether it is closed; guarded by the {@link DefaultWorker}. */
  boolean closed;

  Worker(WorkerConfiguration configuration) {
    long openedAt = System.nanoTime();
    WorkerSettings settings = configuration.settings;
    StoreOptions options = configuration.options();
    SeriesLimits limits = configuration.limits(options.maxSeries());
    gaugeModes = configuration.gaugeModes();
    workerLabel = configuration.workerLabel();
    String name = nameOrPid(options.workerName());
    Path configured = null;
    InvalidPathException failure = null;
    try {
      configured = configuration.directory();
    } catch (InvalidPathException e) {
      failure = e;
    }
    if (configured == null) {
      inDirectory = null;
      memory = new MemoryFamilies(settings);
      families = memory;
      sampler = new Sampler(this, null, null, settings.samplePeriodSeconds());
      description = name + " in memory";
      noteMemory(settings, failure);
      return;
    }
    memory = null;
    inDirectory = new WorkerInDirectory(this, configured, options, limits, configuration, openedAt);
    families = inDirectory.families;
    sampler = inDirectory.sampler;
    description = name + " in " + inDirectory.directory;
    // Last: these are families of this worker.
    inDirectory.publishSelfMetrics(name);
  }

  private static void noteMemory(WorkerSettings settings, InvalidPathException failure) {
    if (failure != null) {
      String unusableName = settings.directoryName();
      StoreLog.errorOnce("unusable " + unusableName, OpeningLog.unusable(unusableName, failure));
    } else {
      OpeningLog.noteMemory(settings);
    }
    if (settings.portProperty() != null) {
      OpeningLog.notePort(settings.portProperty());
    }
  }

  private static String nameOrPid(String name) {
    return name.isEmpty() ? Long.toString(ProcessIdentity.currentPid()) : name;
  }

  /** A builder of a worker. */
  public static Builder builder() {
    return new Builder();
  }

  /** Says how a worker is opened; what is left out comes from system properties. One thread. */
  public static final class Builder {
    private final WorkerConfiguration configuration = new WorkerConfiguration();

    private Builder() {}

    /** Sets the metrics directory, which is made (mode 0750) if it is missing. */
    public Builder directory(Path directory) {
      configuration.directory = Objects.requireNonNull(directory);
      return this;
    }

    /** Sets the name that per-worker series show; empty for the pid. */
    public Builder name(String name) {
      configuration.name = Objects.requireNonNull(name);
      return this;
    }

    /**
     * Sets the name of the label of per-worker series. It counts where the first worker of this JVM
     * in the directory is opened.
     *
     * @throws IllegalArgumentException if it is not a label name
     */
    public Builder workerLabel(String workerLabel) {
      FamilyDescriptor.checkLabelName(workerLabel);
      configuration.workerLabel = workerLabel;
      return this;
    }

    /**
     * Sets how many threads at a time may have cells of their own: those that count most. All
     * others share cells, which costs them more time, and the file and each scrape less.
     *
     * @param maxLanes 0 to 4080
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder maxLanes(int maxLanes) {
      configuration.maxLanes = new StoreOptions("", maxLanes).maxLanes();
      return this;
    }

    /**
     * Sets how many series a family may have at a time. Further label sets count in one series, all
     * of whose label values are {@code overflow}.
     *
     * @param maxSeries at least 1
     * @throws IllegalArgumentException if it is less
     */
    public Builder maxSeries(int maxSeries) {
      configuration.maxSeries = new StoreOptions("", 0, maxSeries, StoreKind.MAPPED).maxSeries();
      return this;
    }

    /**
     * Sets how long a label value may be. A label set with a longer one counts in the series whose
     * label values are {@code overflow}.
     *
     * @param maxLabelValueBytes bytes of UTF-8, from 1 to 8 MiB
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder maxLabelValueBytes(int maxLabelValueBytes) {
      configuration.maxLabelValueBytes =
          new SeriesLimits(1, maxLabelValueBytes, 1).maxLabelValueBytes();
      return this;
    }

    /**
     * Sets how long the label values of all series of a family may be together. Label sets beyond
     * that count in the series whose label values are {@code overflow}.
     *
     * @param maxLabelBytes bytes of UTF-8, at least 1
     * @throws IllegalArgumentException if it is less
     */
    public Builder maxLabelBytes(int maxLabelBytes) {
      configuration.maxLabelBytes = new SeriesLimits(1, 1, maxLabelBytes).maxLabelBytes();
      return this;
    }

    /**
     * Sets where the cells are kept: {@code mapped} for the worker file, or {@code chronicle} for a
     * Chronicle Map. Where that cannot be had, the log says what it needs, and {@code mapped} is
     * used.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public Builder store(String store) {
      configuration.store = StoreKind.ofName(store);
      return this;
    }

    /** Sets the mode of gauges for which neither the code nor a pattern names one. */
    public Builder gaugeMode(GaugeMode gaugeMode) {
      configuration.gaugeMode = Objects.requireNonNull(gaugeMode);
      return this;
    }

    /**
     * Sets the modes of gauges by patterns of their names, of which the first that fits counts.
     * They are for gauges whose code names no mode, and for all that are sampled.
     *
     * @param gaugeModes as {@code jvm_threads_*=LIVESUM,debug_*=off}; a {@code *} stands for any
     *     characters, and {@code off} leaves out what would be sampled
     * @throws IllegalArgumentException if it is not of this form
     */
    public Builder gaugeModes(String gaugeModes) {
      GaugeModes.parse(
          gaugeModes,
          GaugeMode.LIVEALL,
          part -> {
            throw new IllegalArgumentException("not a pattern and a gauge mode: " + part);
          });
      configuration.gaugeModes = gaugeModes;
      return this;
    }

    Builder settings(WorkerSettings settings) {
      configuration.settings = settings;
      return this;
    }

    /** Sets what a worker with a directory counts in. */
    Builder directoryStore(Store directoryStore) {
      configuration.directoryStore = directoryStore;
      return this;
    }

    /** Leaves the chores to {@link Worker#tick}. */
    Builder withoutHousekeeping() {
      configuration.hasHousekeeping = false;
      return this;
    }

    /**
     * Opens the worker. It becomes the JVM's default worker if there is none, or none with a
     * directory while this one has one.
     *
     * <p>Does not fail because of the directory: a worker that cannot use it counts in memory.
     */
    public Worker open() {
      return DefaultWorker.open(configuration);
    }
  }

  /** Gives what was made without a directory to a worker with one. */
  void moveTo(Worker other) {
    memory.moveTo(other.inDirectory.families);
    List<MergedRegistry> all;
    synchronized (registries) {
      all = List.copyOf(registries);
    }
    // Before the sources: a registry that is given another one meanwhile has it sampled there.
    all.forEach(registry -> registry.moveTo(other));
    sampler.moveTo(other.sampler);
  }

  /** Shows on a registry of everything what there is. */
  void show(MergedRegistry registry) {
    synchronized (registries) {
      registries.add(registry);
    }
    if (inDirectory != null) {
      inDirectory.shown.admit(registry);
      inDirectory.shown.standOn(registry);
    }
  }

  /** Whether it has no directory. */
  boolean isInMemory() {
    return memory != null;
  }

  /** Whether it counts in a directory that can be used. */
  boolean hasFile() {
    return inDirectory != null && inDirectory.publisher.hasFile();
  }

  /** The metrics directory; empty if this worker counts in memory. */
  public Optional<Path> directory() {
    return inDirectory == null ? Optional.empty() : Optional.of(inDirectory.directory);
  }

  /** The name of the label of per-worker series. */
  public String workerLabel() {
    return workerLabel;
  }

  /** What samples numbers that are kept elsewhere into this worker's file. */
  public Sampler sampler() {
    return sampler;
  }

  /**
   * The JVM's default worker, which is opened as system properties say if there is none. For
   * libraries that count in it; an application need not name it.
   */
  public static Worker defaultWorker() {
    return DefaultWorker.get();
  }

  /** The JVM's default worker, if one is open; opens none. */
  public static Optional<Worker> findDefault() {
    return Optional.ofNullable(DefaultWorker.find());
  }

  /** Writes what came up while locks were held. */
  void writeLog() {
    if (inDirectory != null) {
      inDirectory.publisher.log().write();
    }
  }

  /**
   * Closes the default worker, if there is one: for an application that ends while its JVM goes on,
   * as one that is undeployed from a server. Otherwise it stays live, and keeps its class loader.
   */
  public static void closeDefault() {
    DefaultWorker.close();
  }

  /** Starts its threads, if it has a directory. */
  void start(boolean hasHousekeeping) {
    if (inDirectory != null) {
      inDirectory.start(hasHousekeeping);
    }
  }

  /** The modes of gauges for which the code names none. */
  GaugeModes gaugeModes() {
    return gaugeModes;
  }

  FamilyHome families() {
    return families;
  }

  /** Does the chores that are due. */
  void tick() {
    if (inDirectory != null) {
      inDirectory.tick();
    }
  }

  /** Has the worker file renewed soon, by the housekeeper. Takes no lock. */
  void askForRenewal() {
    inDirectory.askForRenewal();
  }

  /**
   * Makes the family that a builder describes, or finds it in the directory's worker, and registers
   * it.
   *
   * @param registry null for none
   */
  <F extends MetricFamily> F adopt(
      FamilyBuilder<?, F> builder, FamilyDescriptor descriptor, CollectorRegistry registry) {
    return memory != null
        ? memory.adopt(builder, descriptor, registry)
        : inDirectory.families.adopt(builder, descriptor, registry);
  }

  /**
   * Makes or finds the family of a name, of label names and of bounds. One name may have several,
   * which differ in label names and bounds alone; equal label sets of theirs are one child. That
   * without labels is made when it is asked for.
   *
   * @param registry shows the directory from then on; null for none
   * @throws IllegalArgumentException if the worker has a family of this name and another type,
   *     gauge mode or unit
   */
  <F extends MetricFamily> F adoptBeside(
      FamilyBuilder<?, F> builder, FamilyDescriptor descriptor, CollectorRegistry registry) {
    return memory != null
        ? memory.adopt(builder, descriptor, registry)
        : inDirectory.families.adoptBeside(builder, descriptor, registry);
  }

  /** The child with these label values, new if need be; null beyond the limits. */
  Series childWithinLimits(MetricFamily family, String... labelValues) {
    Series child = inDirectory.publisher.childWithinLimits(family, labelValues.clone());
    inDirectory.publisher.log().write();
    return child;
  }

  /** The gauges of all workers of the directory. */
  List<MetricFamilySamples> mergedGauges() {
    return inDirectory.shown.collect((family, isAllOwn) -> family.type() == MetricType.GAUGE, null);
  }

  /** Gives up a family of a worker with a directory, and all others of its name. */
  void giveUp(MetricFamily family) {
    inDirectory.families.giveUp(family);
  }

  /**
   * Notes an orderly exit and gives up the lease: collectors see the worker dead from now on.
   *
   * <p>Its metrics may still be used, and count without being seen. If it was the default worker,
   * the next one that is opened becomes it.
   */
  @Override
  public void close() {
    if (DefaultWorker.noteClosed(this) && inDirectory != null) {
      inDirectory.close();
    }
  }

  /** Its name, and where it counts. */
  @Override
  public String toString() {
    return description;
  }
}
