package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.merge.RetiringNow;
import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.prometheus.client.exemplars.Exemplar;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers are killed while they write exemplars and states: no exemplar is torn, no state lost. */
class ExemplarKillProcessTest {
  /** Of a process: a kill ends all of them, each somewhere else. */
  private static final int WORKERS = 8;

  private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(170);

  @TempDir Path directory;
  private int exemplars;
  private int states;

  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES)
  void showsWholeExemplarsAndOneState() throws Exception {
    run(16);
  }

  @Test
  @Tag("field")
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void showsWholeExemplarsAndOneStateOfAThousandKilledWorkers() throws Exception {
    run(1000);
  }

  private void run(int most) throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    int kills = 0;
    try (Children children = new Children();
        MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      long end = System.nanoTime() + MAX_NANOS;
      Process next = start(children);
      while (kills < most && System.nanoTime() < end) {
        Process victim = next;
        assertEquals("ready", victim.inputReader().readLine());
        victim.getOutputStream().write('\n');
        victim.getOutputStream().flush();
        LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(30_000)));
        check(collector);
        victim.destroyForcibly().waitFor();
        next = start(children);
        children.forget(victim);
        kills += WORKERS;
        check(collector);
        if (random.nextInt(10) == 0) {
          RetiringNow.retire(directory);
          check(collector);
        }
      }
    }
    RetiringNow.retire(directory);
    try (MultiprocessCollector fresh = new MultiprocessCollector(directory)) {
      check(fresh);
    }
    System.out.println(
        kills + " killed workers, " + exemplars + " exemplars, " + states + " states seen");
    assertTrue(exemplars >= kills && states >= kills, exemplars + " exemplars, " + states);
  }

  private Process start(Children children) throws IOException {
    return children.start(ExemplarKillWorker.class, directory.toString(), "" + WORKERS);
  }

  private void check(MultiprocessCollector collector) throws IOException {
    for (MetricFamilySamples family : collector.collect()) {
      // By the worker, or all workers: in how many states it is.
      Map<List<String>, Integer> ones =
          new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
      for (Sample sample : family.samples) {
        if (sample.exemplar != null) {
          checkExemplar(sample, sample.exemplar);
        }
        if (family.type == Collector.Type.STATE_SET) {
          assertTrue(sample.value == 0 || sample.value == 1, sample.toString());
          List<String> others =
              sample.labelNames.contains("worker")
                  ? List.of(sample.labelValues.get(sample.labelNames.indexOf("worker")))
                  : List.of();
          ones.merge(others, (int) sample.value, Integer::sum);
        }
      }
      ones.forEach((worker, count) -> assertEquals(1, count, family.name + worker));
      states += ones.size();
    }
  }

  private void checkExemplar(Sample sample, Exemplar exemplar) {
    exemplars++;
    assertEquals(2, exemplar.getNumberOfLabels(), sample.toString());
    assertEquals("padding", exemplar.getLabelName(0));
    assertTrue(exemplar.getLabelValue(0).matches("x*"), sample.toString());
    assertEquals("value", exemplar.getLabelName(1));
    assertEquals("" + exemplar.getValue(), exemplar.getLabelValue(1));
    int le = sample.labelNames.indexOf("le");
    if (le >= 0) {
      double to = bound(sample.labelValues.get(le));
      double from = Double.NEGATIVE_INFINITY;
      for (double bound : ExemplarKillWorker.BOUNDS) {
        from = bound < to ? bound : from;
      }
      assertTrue(from < exemplar.getValue() && exemplar.getValue() <= to, sample.toString());
    }
  }

  private static double bound(String le) {
    return le.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(le);
  }
}
