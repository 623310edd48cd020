package io.github.multiprom.metrics;

import io.github.multiprom.internal.directory.PortRange;
import io.github.multiprom.internal.file.WorkerFile;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.internal.ownership.DirectoryName;
import io.github.multiprom.internal.worker.StoreKind;
import io.github.multiprom.internal.worker.StoreOptions;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.Settings;
import java.nio.file.Path;
import java.util.Map;

/**
 * What system properties and environment say about a worker. Immutable.
 *
 * <p>A value that cannot be used is logged once and left out: metric families are made in static
 * initialisers, where an exception makes a class of the application unusable.
 */
final class WorkerSettings {

  static final String DEFAULT_HOST = "127.0.0.1";
  private static final int DEFAULT_SAMPLE_PERIOD_SECONDS = 1;
  private static final int MAX_PORT = 65_535;

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
            ? DirectoryName.asUsed("System property " + Settings.DIRECTORY, property)
            : DirectoryName.asUsed(
                "Environment variable " + Settings.DIRECTORY_VARIABLE,
                variable(Settings.DIRECTORY_VARIABLE));
    return name == null || name.isEmpty() ? null : name;
  }

  /** What the system property says now; null if it is not set. */
  String rawDirectoryProperty() {
    return properties == null
        ? System.getProperty(Settings.DIRECTORY)
        : properties.get(Settings.DIRECTORY);
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
    String name = property(Settings.WORKER_NAME);
    return name == null ? "" : name;
  }

  String workerLabel() {
    String label = property(Settings.WORKER_LABEL);
    if (label == null) {
      return Settings.DEFAULT_WORKER_LABEL;
    }
    try {
      FamilyDescriptor.checkLabelName(label);
      return label;
    } catch (IllegalArgumentException e) {
      warn(Settings.WORKER_LABEL, label, Settings.DEFAULT_WORKER_LABEL);
      return Settings.DEFAULT_WORKER_LABEL;
    }
  }

  int maxLanes() {
    int usual = StoreOptions.defaultMaxLanes();
    int lanes = number(Settings.MAX_LANES, usual);
    try {
      return new StoreOptions("", lanes).maxLanes();
    } catch (IllegalArgumentException e) {
      warn(Settings.MAX_LANES, Integer.toString(lanes), usual);
      return usual;
    }
  }

  int laneBytes() {
    int bytes = number(Settings.LANE_BYTES, WorkerFile.DEFAULT_LANE_BYTES);
    if (bytes < 0) {
      warn(Settings.LANE_BYTES, Integer.toString(bytes), WorkerFile.DEFAULT_LANE_BYTES);
      return WorkerFile.DEFAULT_LANE_BYTES;
    }
    return bytes;
  }

  int maxSeries() {
    int series = number(Settings.MAX_SERIES, StoreOptions.DEFAULT_MAX_SERIES);
    if (series < 1) {
      warn(Settings.MAX_SERIES, Integer.toString(series), StoreOptions.DEFAULT_MAX_SERIES);
      return StoreOptions.DEFAULT_MAX_SERIES;
    }
    return series;
  }

  int maxLabelValueBytes() {
    int bytes = number(Settings.MAX_LABEL_VALUE_BYTES, SeriesLimits.DEFAULT_MAX_LABEL_VALUE_BYTES);
    try {
      return new SeriesLimits(1, bytes, 1).maxLabelValueBytes();
    } catch (IllegalArgumentException e) {
      warn(
          Settings.MAX_LABEL_VALUE_BYTES,
          Integer.toString(bytes),
          SeriesLimits.DEFAULT_MAX_LABEL_VALUE_BYTES);
      return SeriesLimits.DEFAULT_MAX_LABEL_VALUE_BYTES;
    }
  }

  int maxLabelBytes() {
    int bytes = number(Settings.MAX_LABEL_BYTES, SeriesLimits.DEFAULT_MAX_LABEL_BYTES);
    if (bytes < 1) {
      warn(Settings.MAX_LABEL_BYTES, Integer.toString(bytes), SeriesLimits.DEFAULT_MAX_LABEL_BYTES);
      return SeriesLimits.DEFAULT_MAX_LABEL_BYTES;
    }
    return bytes;
  }

  int samplePeriodSeconds() {
    int seconds = number(Settings.SAMPLE_PERIOD, DEFAULT_SAMPLE_PERIOD_SECONDS);
    if (seconds < 1) {
      warn(Settings.SAMPLE_PERIOD, Integer.toString(seconds), DEFAULT_SAMPLE_PERIOD_SECONDS);
      return DEFAULT_SAMPLE_PERIOD_SECONDS;
    }
    return seconds;
  }

  GaugeModes gaugeModes() {
    GaugeMode byDefault = gaugeMode();
    String text = property(Settings.GAUGE_MODES);
    if (text == null) {
      text = variable(Settings.GAUGE_MODES_VARIABLE);
    }
    return text == null
        ? GaugeModes.of(byDefault)
        : GaugeModes.parse(
            text,
            byDefault,
            part ->
                StoreLog.warnOnce(
                    Settings.GAUGE_MODES + " " + part,
                    Settings.GAUGE_MODES
                        + " or "
                        + Settings.GAUGE_MODES_VARIABLE
                        + " cannot have the part \""
                        + part
                        + "\", which is left out; parts are pattern=mode"));
  }

  private GaugeMode gaugeMode() {
    String name = property(Settings.GAUGE_MODE);
    try {
      return name == null ? GaugeMode.LIVEALL : GaugeModes.modeOf(name);
    } catch (IllegalArgumentException e) {
      warn(Settings.GAUGE_MODE, name, GaugeMode.LIVEALL);
      return GaugeMode.LIVEALL;
    }
  }

  StoreKind store() {
    String name = property(Settings.STORE);
    if (name == null) {
      name = variable(Settings.STORE_VARIABLE);
    }
    try {
      return name == null ? StoreKind.MAPPED : StoreKind.ofName(name);
    } catch (IllegalArgumentException e) {
      StoreLog.warnOnce(
          Settings.STORE + "=" + name,
          Settings.STORE
              + " or "
              + Settings.STORE_VARIABLE
              + ": "
              + e.getMessage()
              + "; mapped is used");
      return StoreKind.MAPPED;
    }
  }

  /** The port at which the merged metrics are served; 0 for none. */
  int port() {
    int port = number(Settings.PORT, 0);
    if (port < 0 || port > MAX_PORT) {
      warn(Settings.PORT, Integer.toString(port), "no port");
      return 0;
    }
    return port;
  }

  /** The ports of which the worker serves itself at the first that is free; null for none. */
  PortRange ports() {
    String text = property(Settings.PORTS);
    try {
      return text == null ? null : PortRange.parse(text);
    } catch (IllegalArgumentException e) {
      warn(Settings.PORTS, text, "no port");
      return null;
    }
  }

  /** Which property has something served; null if none has. */
  String portProperty() {
    if (port() != 0) {
      return Settings.PORT;
    }
    return ports() != null ? Settings.PORTS : null;
  }

  /**
   * What tells of TLS and passwords; null for none.
   *
   * @throws java.nio.file.InvalidPathException if its name cannot be one
   */
  Path webConfig() {
    String name = property(Settings.WEB_CONFIG);
    return name == null ? null : Path.of(name.strip());
  }

  /** Where the port is: a name or an address of this host. */
  String host() {
    String host = property(Settings.HOST);
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
    return properties == null
        ? Settings.property(name)
        : Settings.blankAsNull(properties.get(name));
  }

  private String variable(String name) {
    return environment == null
        ? Settings.variable(name)
        : Settings.blankAsNull(environment.get(name));
  }
}
