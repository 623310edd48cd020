package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.worker.Children;
import io.prometheus.client.CollectorRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application that has used up the direct memory of its JVM, as a network server may. */
class DirectMemoryProcessTest {
  private static final int SERIES = 5000;

  @TempDir Path directory;

  @Test
  void isNotNeededForFurtherSeriesOrAScrape() throws Exception {
    try (Children children = new Children()) {
      Process application =
          children.start(
              List.of(), List.of("-XX:MaxDirectMemorySize=2m"), Main.class, directory.toString());
      assertEquals("counted", application.inputReader().readLine());
      assertEquals(0, Children.await(application));
    }
    assertEquals(
        SERIES,
        Workers.sums(directory).entrySet().stream()
            .filter(series -> series.getKey().startsWith("c["))
            .mapToDouble(series -> series.getValue())
            .sum());
  }

  /** The application. */
  static final class Main {
    private Main() {}

    public static void main(String[] arguments) {
      Workers.builder().directory(Path.of(arguments[0])).open();
      CollectorRegistry registry = new CollectorRegistry();
      Counter counter = Counter.build("c", "Help.").labelNames("l").register(registry);
      List<ByteBuffer> all = new ArrayList<>();
      for (int length = 1 << 20; length >= 1 << 14; ) {
        try {
          all.add(ByteBuffer.allocateDirect(length));
        } catch (OutOfMemoryError e) {
          length /= 2;
        }
      }
      assertTrue(all.size() > 1);
      for (int i = 0; i < SERIES; i++) {
        counter.labels("" + i).inc();
        if (i % 500 == 0) {
          assertEquals(i + 1.0, sum(registry));
        }
      }
      System.out.println("counted");
    }

    private static double sum(CollectorRegistry registry) {
      return Collections.list(registry.metricFamilySamples()).stream()
          .flatMap(family -> family.samples.stream())
          .filter(sample -> sample.name.equals("c_total"))
          .mapToDouble(sample -> sample.value)
          .sum();
    }
  }
}
