package io.github.multiprom.exposition;

import io.github.multiprom.exposition.format.ClientPythonIT;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.Summary;
import io.github.multiprom.metrics.Worker;
import io.prometheus.client.CollectorRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleConsumer;

/** A worker that does what it reads, line by line; {@link ClientPythonIT} has its twin. */
public final class ProgramWorker {
  /** What an operation does to a child. */
  private interface Family {
    DoubleConsumer operation(String name, String... labels);
  }

  private static final CollectorRegistry REGISTRY = new CollectorRegistry();
  private static final Map<String, Family> FAMILIES = new HashMap<>();

  private ProgramWorker() {}

  /** Arguments: the directory, the worker's name, its store. */
  public static void main(String[] arguments) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (Worker worker =
        Worker.builder()
            .directory(Path.of(arguments[0]))
            .name(arguments[1])
            .store(arguments[2])
            .open()) {

      String line = in.readLine();
      while (line != null) {
        String[] words = line.split("\t", -1);
        if (words[0].equals("family")) {
          FAMILIES.put(words[2], family(worker, words[1], words[2], words[3], words[4]));
        } else {
          String[] labels = words[2].isEmpty() ? new String[0] : new String[] {words[2]};
          FAMILIES
              .get(words[1])
              .operation(words[0], labels)
              .accept(Double.parseDouble(words[3].replace("inf", "Infinity")));
        }
        System.out.println("ok");
        line = in.readLine();
      }
    }
  }

  private static Family family(Worker worker, String type, String name, String mode, String label) {
    String[] labels = label.isEmpty() ? new String[0] : new String[] {label};
    switch (type) {
      case "counter" -> {
        Counter counter =
            Counter.build(name, "Help.").labelNames(labels).worker(worker).register(REGISTRY);
        return (operation, values) -> {
          Counter.Child child = counter.labels(values);
          return operation.equals("touch") ? amount -> {} : child::inc;
        };
      }
      case "gauge" -> {
        Gauge gauge =
            Gauge.build(name, "Help.")
                .mode(GaugeMode.valueOf(mode.toUpperCase(Locale.ROOT)))
                .labelNames(labels)
                .worker(worker)
                .register(REGISTRY);
        return (operation, values) -> {
          Gauge.Child child = gauge.labels(values);
          return switch (operation) {
            case "set" -> child::set;
            case "inc" -> child::inc;
            default -> child::dec;
          };
        };
      }
      case "histogram" -> {
        Histogram histogram =
            Histogram.build(name, "Help.")
                .buckets(-1, 0.25, 1, 10)
                .labelNames(labels)
                .worker(worker)
                .register(REGISTRY);
        return (operation, values) -> {
          Histogram.Child child = histogram.labels(values);
          return operation.equals("touch") ? amount -> {} : child::observe;
        };
      }
      default -> {
        Summary summary =
            Summary.build(name, "Help.").labelNames(labels).worker(worker).register(REGISTRY);
        return (operation, values) -> {
          Summary.Child child = summary.labels(values);
          return operation.equals("touch") ? amount -> {} : child::observe;
        };
      }
    }
  }
}
