package io.github.multiprom.exposition.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.exposition.ProtobufReader;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.Worker;
import io.prometheus.metrics.expositionformats.generated.com_google_protobuf_4_36_1.Metrics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Scrapes while threads observe as fast as they can: a server refuses a whole scrape of which one
 * native histogram does not add up.
 */
class NativeScrapesTest {
  private static final int THREADS = 2;
  private static final int SCRAPES = 300;

  @TempDir Path directory;

  @Test
  void addUpInEveryScrape() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    AtomicBoolean ended = new AtomicBoolean();
    List<Thread> threads = new ArrayList<>();
    try (Worker worker = Worker.builder().directory(directory).open();
        MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      Histogram histogram =
          Histogram.build("h", "Help.").withNative().labelNames("l").worker(worker).create();
      for (int i = 0; i < THREADS; i++) {
        Random random = new Random(seed + i);
        Histogram.Child child = histogram.labels("a" + i % 2);
        Thread thread =
            new Thread(
                () -> {
                  while (!ended.get()) {
                    child.observe(random.nextGaussian() * Math.exp(random.nextGaussian()));
                  }
                });
        threads.add(thread);
        thread.start();
      }
      ExpositionWriter writer = ExpositionWriter.of(ExpositionFormat.PROTOBUF);
      long last = 0;
      for (int scrape = 0; scrape < SCRAPES; scrape++) {
        byte[] bytes =
            collector.merge(
                family -> family.name().equals("h"),
                families -> writer.writeAll(families, name -> true).toByteArray());
        long all = 0;
        for (Metrics.Metric metric : ProtobufReader.read(bytes).get(0).getMetricList()) {
          all += assertAddsUp(metric.getHistogram(), "seed " + seed + ", scrape " + scrape);
        }
        assertTrue(all >= last, "a count fell");
        last = all;
      }
      assertTrue(last > SCRAPES, last + " observations");
    } finally {
      ended.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  private static long assertAddsUp(Metrics.Histogram histogram, String where) {
    long sum = histogram.getZeroCount();
    for (List<Long> deltas :
        List.of(histogram.getPositiveDeltaList(), histogram.getNegativeDeltaList())) {
      long bucket = 0;
      for (long delta : deltas) {
        bucket += delta;
        assertTrue(bucket >= 0, where);
        sum += bucket;
      }
    }
    assertEquals(histogram.getSampleCount(), sum, where);
    long before = 0;
    for (Metrics.Bucket bucket : histogram.getBucketList()) {
      assertTrue(bucket.getCumulativeCount() >= before, where);
      before = bucket.getCumulativeCount();
    }
    assertEquals(histogram.getSampleCount(), before, where);
    return sum;
  }
}
