package io.github.multiprom.exposition.format;

import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.Summary;
import io.github.multiprom.metrics.Worker;
import io.prometheus.client.CollectorRegistry;
import java.util.List;
import java.util.Random;

/**
 * Makes families of every type and mode, with unusual numbers, help texts and label values. One
 * thread.
 */
public final class RandomFamilies {
  /** Texts that need escapes or are easily mangled. */
  static final List<String> TEXTS =
      List.of(
          "",
          "plain",
          "with \"quotes\"",
          "back\\slash",
          "ends with \\",
          "not a feed: \\n",
          "line\nfeed",
          "carriage\rreturn",
          "tab\tand \u0000\u001f",
          "ünï¢ödé 😀",
          "\ud83d alone",
          "\u2028\ufeff",
          "a,b={c}",
          "# HELP x",
          "NaN",
          " ");

  private static final List<Double> UNUSUAL =
      List.of(
          0.0,
          -0.0,
          1.0,
          1.5,
          -3.0,
          1e6,
          1e21,
          1e-9,
          0.1 + 0.2,
          Double.MIN_VALUE,
          Double.MIN_NORMAL,
          Double.MAX_VALUE,
          Double.NaN,
          Double.POSITIVE_INFINITY,
          Double.NEGATIVE_INFINITY,
          9007199254740992.0);

  private static final List<GaugeMode> MODES = List.of(GaugeMode.values());

  private final Random random;
  private final boolean lawful;

  private RandomFamilies(Random random, boolean lawful) {
    this.random = random;
    this.lawful = lawful;
  }

  /** Whatever can be counted. */
  static RandomFamilies any(Random random) {
    return new RandomFamilies(random, false);
  }

  /**
   * What OpenMetrics 1.0 allows: counters and observations that are not negative or NaN, no bucket
   * below 0, and text that is Unicode.
   */
  public static RandomFamilies lawful(Random random) {
    return new RandomFamilies(random, true);
  }

  /** Adds one family with its series. */
  public void add(Worker worker, String name) {
    CollectorRegistry registry = new CollectorRegistry();
    String text = text();
    String help = text.isEmpty() ? "Help." : text;
    String[] labelNames = random.nextBoolean() ? new String[0] : new String[] {"a", "b"};
    String[][] labels = new String[labelNames.length == 0 ? 1 : 1 + random.nextInt(20)][];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = labelNames.length == 0 ? new String[0] : new String[] {text(), "v" + i};
    }
    switch (random.nextInt(4)) {
      case 0 -> {
        Counter counter =
            Counter.build(name, help).labelNames(labelNames).worker(worker).register(registry);
        for (String[] values : labels) {
          counter.labels(values).inc(lawful ? positive() : Math.abs(number()));
        }
      }
      case 1 -> {
        GaugeMode mode = MODES.get(random.nextInt(MODES.size()));
        Gauge gauge =
            Gauge.build(name, help)
                .unit("bytes")
                .mode(mode)
                .labelNames(labelNames)
                .worker(worker)
                .register(registry);
        for (String[] values : labels) {
          gauge.labels(values).set(number());
        }
      }
      case 2 -> {
        Histogram.Builder builder = Histogram.build(name, help);
        Histogram histogram =
            (lawful
                    ? builder.buckets(0, 0.005, 1, 2.5, 1e6, 1e21)
                    : builder.buckets(-1, 0, 0.005, 1, 2.5, 1e6, 1e21))
                .labelNames(labelNames)
                .worker(worker)
                .register(registry);
        for (String[] values : labels) {
          histogram.labels(values).observe(lawful ? positive() : number());
        }
      }
      default -> {
        Summary.Builder builder = Summary.build(name, help).labelNames(labelNames).worker(worker);
        if (random.nextBoolean()) {
          builder.quantile(0.99, 0.001).quantile(0.5, 0.05).quantile(0, 0);
        }
        Summary summary = builder.register(registry);
        for (String[] values : labels) {
          summary.labels(values).observe(lawful ? positive() : number());
        }
      }
    }
  }

  private String text() {
    String text = TEXTS.get(random.nextInt(TEXTS.size()));
    return lawful && text.startsWith("\ud83d") ? "" : text;
  }

  private double positive() {
    double number = Math.abs(number());
    return Double.isNaN(number) ? 0 : number;
  }

  private double number() {
    return switch (random.nextInt(3)) {
      case 0 -> UNUSUAL.get(random.nextInt(UNUSUAL.size()));
      case 1 -> random.nextInt(1000);
      default -> random.nextDouble() * 1000;
    };
  }
}
