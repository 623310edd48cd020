package io.github.multiprom.spring;

import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Worker;
import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.core.env.PropertyResolver;

/** What an application says of its worker: {@code multiprom.*}. One thread. */
@ConfigurationProperties(MultipromProperties.PREFIX)
public class MultipromProperties {
  static final String PREFIX = "multiprom";
  static final String DIRECTORY = "multiprom.dir";
  private static final String DIRECTORY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR";

  private String dir;
  private String worker;
  private String workerLabel;
  private GaugeMode gaugeMode;
  private String gaugeModes;
  private Integer maxSeries;

  /** Properties that are not set. */
  public MultipromProperties() {}

  /** The directory that an environment names; null for none. */
  static String directory(PropertyResolver environment) {
    String property = environment.getProperty(DIRECTORY);
    String named = property != null ? property : environment.getProperty(DIRECTORY_VARIABLE, "");
    return named.isBlank() ? null : named.strip();
  }

  /** How a worker is opened in a directory. */
  Worker.Builder builder(Path directory) {
    Worker.Builder builder = Worker.builder().directory(directory);
    if (worker != null) {
      builder.name(worker);
    }
    if (workerLabel != null) {
      builder.workerLabel(workerLabel);
    }
    if (gaugeMode != null) {
      builder.gaugeMode(gaugeMode);
    }
    if (gaugeModes != null) {
      builder.gaugeModes(gaugeModes);
    }
    if (maxSeries != null) {
      builder.maxSeries(maxSeries);
    }
    return builder;
  }

  /** The metrics directory; null for what {@code PROMETHEUS_MULTIPROC_DIR} names. */
  public String getDir() {
    return dir;
  }

  /** Sets the metrics directory. */
  public void setDir(String dir) {
    this.dir = dir;
  }

  /** The worker's name; null for the process id. */
  public String getWorker() {
    return worker;
  }

  /** Sets the worker's name. */
  public void setWorker(String worker) {
    this.worker = worker;
  }

  /** The label of series per worker; null for {@code worker}. */
  public String getWorkerLabel() {
    return workerLabel;
  }

  /** Sets the label of series per worker. */
  public void setWorkerLabel(String workerLabel) {
    this.workerLabel = workerLabel;
  }

  /** The mode of gauges whose code names none; null for {@link GaugeMode#LIVEALL}. */
  public GaugeMode getGaugeMode() {
    return gaugeMode;
  }

  /** Sets the mode of gauges whose code names none. */
  public void setGaugeMode(GaugeMode gaugeMode) {
    this.gaugeMode = gaugeMode;
  }

  /** The modes of gauges by patterns of exposed names; null for none. */
  public String getGaugeModes() {
    return gaugeModes;
  }

  /** Sets the modes of gauges by patterns of exposed names. */
  public void setGaugeModes(String gaugeModes) {
    this.gaugeModes = gaugeModes;
  }

  /** How many series a name may have; null for the default. */
  public Integer getMaxSeries() {
    return maxSeries;
  }

  /** Sets how many series a name may have. */
  public void setMaxSeries(Integer maxSeries) {
    this.maxSeries = maxSeries;
  }
}
