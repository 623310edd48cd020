package io.github.multiprom.model;

/**
 * The names of all system properties and environment variables, and how they are read. Those of a
 * worker count in the process that records, those of a collector in the process that collects.
 */
public final class Settings {
  /** Of workers and collectors: the metrics directory. Empty means none. */
  public static final String DIRECTORY = "multiprom.dir";

  /** As {@link #DIRECTORY}, which comes first. */
  public static final String DIRECTORY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR";

  /** Of workers: the worker's name. */
  public static final String WORKER_NAME = "multiprom.worker";

  /** Of workers: {@code mapped} or {@code chronicle}. */
  public static final String STORE = "multiprom.store";

  /** As {@link #STORE}, which comes first. */
  public static final String STORE_VARIABLE = "MULTIPROM_STORE";

  /** Of workers: how many threads may have a lane of their own. */
  public static final String MAX_LANES = "multiprom.maxLanes";

  /** Of workers: how many bytes the chunks of native histograms take in lanes of threads. */
  public static final String LANE_BYTES = "multiprom.laneBytes";

  /** Of workers: how many series a name may have. */
  public static final String MAX_SERIES = "multiprom.maxSeries";

  /** Of workers: how long a label value may be, in bytes of UTF-8. */
  public static final String MAX_LABEL_VALUE_BYTES = "multiprom.maxLabelValueBytes";

  /** Of workers: how long all label sets of a family may be together, in bytes of UTF-8. */
  public static final String MAX_LABEL_BYTES = "multiprom.maxLabelBytes";

  /** Of workers: the mode of gauges whose code names none. */
  public static final String GAUGE_MODE = "multiprom.gaugeMode";

  /** Of workers: modes by patterns of names. */
  public static final String GAUGE_MODES = "multiprom.gaugeModes";

  /** As {@link #GAUGE_MODES}, which comes first. */
  public static final String GAUGE_MODES_VARIABLE = "MULTIPROM_GAUGE_MODES";

  /** Of workers: how long it is between two looks at what is sampled, in seconds. */
  public static final String SAMPLE_PERIOD = "multiprom.samplePeriod";

  /** Of workers: the port that all workers of a directory share. */
  public static final String PORT = "multiprom.port";

  /** Of workers: the ports of which each serves itself at the first that is free. */
  public static final String PORTS = "multiprom.ports";

  /** Of workers: the file that tells of TLS and passwords at {@link #PORT} and {@link #PORTS}. */
  public static final String WEB_CONFIG = "multiprom.webConfig";

  /** Of workers: the host of {@link #PORT} and {@link #PORTS}. */
  public static final String HOST = "multiprom.host";

  /** Of collectors: the label that tells workers apart. */
  public static final String WORKER_LABEL = "multiprom.workerLabel";

  /** What {@link #WORKER_LABEL} is unless it is set. */
  public static final String DEFAULT_WORKER_LABEL = "worker";

  /** Of collectors: whether {@code multiprom_…} is shown. */
  public static final String SELF_METRICS = "multiprom.selfMetrics";

  /** Of collectors that retire: how many workers' gauges of mode ALL are kept. */
  public static final String MAX_RETIRED_GAUGE_WORKERS = "multiprom.maxRetiredGaugeWorkers";

  /** Of collectors: whose files they trust. */
  public static final String TRUST = "multiprom.trust";

  /** Of collectors: whether files of Python's client are merged, and retired. */
  public static final String PYTHON = "multiprom.python";

  private Settings() {}

  /** What a system property says; null if it is not set or blank. */
  public static String property(String name) {
    return blankAsNull(System.getProperty(name));
  }

  /** What an environment variable says; null if it is not set or blank. */
  public static String variable(String name) {
    return blankAsNull(System.getenv(name));
  }

  /** A text; null if it is blank. */
  public static String blankAsNull(String text) {
    return text == null || text.isBlank() ? null : text;
  }
}
