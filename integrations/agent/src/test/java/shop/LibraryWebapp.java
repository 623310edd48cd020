package shop;

import io.prometheus.metrics.core.metrics.GaugeWithCallback;

/** An application of prometheus-metrics that a container may load more than once. */
public final class LibraryWebapp {
  private LibraryWebapp() {}

  /** Registers a gauge of some value. */
  public static String ask(String command, String argument) {
    double value = Double.parseDouble(argument);
    GaugeWithCallback.builder()
        .name("web_" + command)
        .help("W.")
        .callback(gauge -> gauge.call(value))
        .register();
    return "";
  }
}
