package io.github.multiprom.metrics;

import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.internal.ownership.DirectoryName;
import io.github.multiprom.internal.worker.StoreKind;
import io.github.multiprom.internal.worker.StoreOptions;
import io.github.multiprom.model.FamilyDescriptor;
import java.nio.file.Path;
import java.util.Map;

/**
 * What system properties and environment say about a worker. Immutable.
 *
 * <p>A value that cannot be used is logged once and left out: metric families are made in static
 * initialisers, where an exception makes a class of the application unusable.
 */
final class WorkerSettings {
  static final String DIRECTORY_PROPERTY = "multiprom.dir";
  static final String DIRECTORY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR";
  static final String NAME_PROPERTY = "multiprom.worker";
  static final String WORKER_LABEL_PROPERTY = "multiprom.workerLabel";
  static final String MAX_LANES_PROPERTY = "multiprom.maxLanes";
  static final String MAX_SERIES_PROPERTY = "multiprom.maxSeries";
  static final String MAX_LABEL_VALUE_BYTES_PROPERTY = "multiprom.maxLabelValueBytes";
  static final String MAX_LABEL_BYTES_PROPERTY = "multiprom.maxLabelBytes";
  static final String STORE_PROPERTY = "multiprom.store";
  static final String GAUGE_MODE_PROPERTY = "multiprom.gaugeMode";
  static final String GAUGE_MODES_PROPERTY = "multiprom.gaugeModes";
  static final String GAUGE_MODES_VARIABLE = "MULTIPROM_GAUGE_MODES";
  static final String STORE_VARIABLE = "MULTIPROM_STORE";

  static final String PORT_PROPERTY = "multiprom.port";
  static final String HOST_PROPERTY = "multiprom.host";

  static final String DEFAULT_HOST = "127.0.0.1";
  private static final int MAX_PORT = 65_535;

  static final String DEFAULT_WORKER_LABEL = "worker";

  private final Map<String, String> properties;
  private final Map<String, String> environment;

  /** Those of some properties and some environment; null stands for the process'. */
  WorkerSettings(Map<String, String> properties, Map<String, String> environment) {
    this.properties = properties;
    this.environment = environment;
  }

  /** Those of this process. */
  static WorkerSettings ofProcess() {
    return new WorkerSettings(null, null);
  }

  /**
   * The directory's name as it is used; null if none is configured. An empty property means none,
   * whatever the environment says.
   */
  String directoryName() {
    String property = rawDirectoryProperty();
    String name =
        property != null
            ? DirectoryName.asUsed("System property " + DIRECTORY_PROPERTY, property)
            : DirectoryName.asUsed(
                "Environment variable " + DIRECTORY_VARIABLE, variable(DIRECTORY_VARIABLE));
    return name == null || name.isEmpty() ? null : name;
  }

  /** What the system property says now; null if it is not set. */
  String rawDirectoryProperty() {
    return properties == null
        ? System.getProperty(DIRECTORY_PROPERTY)
        : properties.get(DIRECTORY_PROPERTY);
  }

  /**
   * The directory; null if none is configured.
   *
   * @throws java.nio.file.InvalidPathException if its name cannot be one
   */
  Path directory() {
    String name = directoryName();
    return name == null ? null : Path.of(name);
  }

  /** The worker's name; empty for the pid. */
  String name() {
    String name = property(NAME_PROPERTY);
    return name == null ? "" : name;
  }

  String workerLabel() {
    String label = property(WORKER_LABEL_PROPERTY);
    if (label == null) {
      return DEFAULT_WORKER_LABEL;
    }
    try {
      FamilyDescriptor.checkLabelName(label);
      return label;
    } catch (IllegalArgumentException e) {
      warn(WORKER_LABEL_PROPERTY, label, DEFAULT_WORKER_LABEL);
      return DEFAULT_WORKER_LABEL;
    }
  }

  int maxLanes() {
    int usual = StoreOptions.defaultMaxLanes();
    int lanes = number(MAX_LANES_PROPERTY, usual);
    try {
      return new StoreOptions("", lanes).maxLanes();
    } catch (IllegalArgumentException e) {
      warn(MAX_LANES_PROPERTY, Integer.toString(lanes), usual);
      return usual;
    }
  }

  int maxSeries() {
    int series = number(MAX_SERIES_PROPERTY, StoreOptions.DEFAULT_MAX_SERIES);
    if (series < 1) {
      warn(MAX_SERIES_PROPERTY, Integer.toString(series), StoreOptions.DEFAULT_MAX_SERIES);
      return StoreOptions.DEFAULT_MAX_SERIES;
    }
    return series;
  }

  int maxLabelValueBytes() {
    int bytes = number(MAX_LABEL_VALUE_BYTES_PROPERTY, SeriesLimits.DEFAULT_MAX_LABEL_VALUE_BYTES);
    try {
      return new SeriesLimits(1, bytes, 1).maxLabelValueBytes();
    } catch (IllegalArgumentException e) {
      warn(
          MAX_LABEL_VALUE_BYTES_PROPERTY,
          Integer.toString(bytes),
          SeriesLimits.DEFAULT_MAX_LABEL_VALUE_BYTES);
      return SeriesLimits.DEFAULT_MAX_LABEL_VALUE_BYTES;
    }
  }

  int maxLabelBytes() {
    int bytes = number(MAX_LABEL_BYTES_PROPERTY, SeriesLimits.DEFAULT_MAX_LABEL_BYTES);
    if (bytes < 1) {
      warn(MAX_LABEL_BYTES_PROPERTY, Integer.toString(bytes), SeriesLimits.DEFAULT_MAX_LABEL_BYTES);
      return SeriesLimits.DEFAULT_MAX_LABEL_BYTES;
    }
    return bytes;
  }

  GaugeModes gaugeModes() {
    GaugeMode byDefault = gaugeMode();
    String text = property(GAUGE_MODES_PROPERTY);
    if (text == null) {
      text = variable(GAUGE_MODES_VARIABLE);
    }
    return text == null
        ? GaugeModes.of(byDefault)
        : GaugeModes.parse(
            text,
            byDefault,
            part ->
                StoreLog.warnOnce(
                    GAUGE_MODES_PROPERTY + " " + part,
                    GAUGE_MODES_PROPERTY
                        + " or "
                        + GAUGE_MODES_VARIABLE
                        + " cannot have the part \""
                        + part
                        + "\", which is left out; parts are pattern=mode"));
  }

  private GaugeMode gaugeMode() {
    String name = property(GAUGE_MODE_PROPERTY);
    try {
      return name == null ? GaugeMode.LIVEALL : GaugeModes.modeOf(name);
    } catch (IllegalArgumentException e) {
      warn(GAUGE_MODE_PROPERTY, name, GaugeMode.LIVEALL);
      return GaugeMode.LIVEALL;
    }
  }

  StoreKind store() {
    String name = property(STORE_PROPERTY);
    if (name == null) {
      name = variable(STORE_VARIABLE);
    }
    try {
      return name == null ? StoreKind.MAPPED : StoreKind.ofName(name);
    } catch (IllegalArgumentException e) {
      StoreLog.warnOnce(
          STORE_PROPERTY + "=" + name,
          STORE_PROPERTY + " or " + STORE_VARIABLE + ": " + e.getMessage() + "; mapped is used");
      return StoreKind.MAPPED;
    }
  }

  /** The port at which the merged metrics are served; 0 for none. */
  int port() {
    int port = number(PORT_PROPERTY, 0);
    if (port < 0 || port > MAX_PORT) {
      warn(PORT_PROPERTY, Integer.toString(port), "no port");
      return 0;
    }
    return port;
  }

  /** Where the port is: a name or an address of this host. */
  String host() {
    String host = property(HOST_PROPERTY);
    return host == null ? DEFAULT_HOST : host.strip();
  }

  private int number(String name, int defaultNumber) {
    String text = property(name);
    if (text == null) {
      return defaultNumber;
    }
    try {
      return Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      warn(name, text, defaultNumber);
      return defaultNumber;
    }
  }

  private static void warn(String name, String value, Object used) {
    StoreLog.warnOnce(
        name + "=" + value,
        "System property " + name + " cannot be \"" + value + "\"; " + used + " is used");
  }

  private String property(String name) {
    return blankAsNull(properties == null ? System.getProperty(name) : properties.get(name));
  }

  private String variable(String name) {
    return blankAsNull(environment == null ? System.getenv(name) : environment.get(name));
  }

  private static String blankAsNull(String text) {
    return text == null || text.isBlank() ? null : text;
  }
}
