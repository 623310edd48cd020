package shop;

import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import io.prometheus.client.Summary;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * An application that counts with simpleclient of whatever version and knows of nothing else. Does
 * what it reads, a command a line, and says {@code ok} behind each.
 */
public final class Shop {
  private static final Counter REQUESTS =
      Counter.build()
          .name("shop_requests_total")
          .help("Requests.")
          .labelNames("code", "path")
          .register();
  private static final Counter ORDERS =
      Counter.build().name("shop_orders").help("Orders.").register();
  private static final Gauge OPEN = Gauge.build().name("shop_open").help("Open.").register();
  private static final Gauge STOCK =
      Gauge.build().name("shop_stock").help("Stock.").labelNames("item").register();
  private static final Histogram LATENCY =
      Histogram.build().name("shop_latency_seconds").help("Latency.").buckets(0.1, 1).register();
  private static final Summary SIZE =
      Summary.build().name("shop_size_bytes").help("Size.").quantile(0.5, 0.01).register();

  private Shop() {}

  /** Counts once. */
  private static void count(int i) {
    ORDERS.inc();
    REQUESTS.labels(i % 2 == 0 ? "200" : "500", "/").inc(2);
    LATENCY.observe(i % 2 == 0 ? 0.0625 : 0.5);
    SIZE.observe(4);
  }

  public static void main(String[] args) throws IOException {
    if (args.length > 0) {
      count(0);
      System.out.println("orders " + ORDERS.get());
      System.exit(Integer.parseInt(args[0]));
    }
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    int counted = 0;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "count" -> {
          for (int i = 0; i < Integer.parseInt(words[1]); i++) {
            count(counted++);
          }
        }
        case "run" -> {
          // Until it is killed; the line tells what is counted at least.
          while (true) {
            count(counted++);
            if (counted % 16 == 0) {
              System.out.println(counted);
            }
          }
        }
        case "gauges" -> {
          OPEN.set(Double.parseDouble(words[1]));
          OPEN.inc();
          OPEN.dec(0.5);
          STOCK.labels("tea").inc(7);
        }
        case "custom" -> {
          new Custom(Integer.parseInt(words[1])).register();
          STOCK.setChild(
              new Gauge.Child() {
                @Override
                public double get() {
                  return 77;
                }
              },
              "own");
        }
        case "early" -> early();
        case "remove" -> {
          REQUESTS.remove("500", "/");
          LATENCY.clear();
        }
        case "unregister" -> CollectorRegistry.defaultRegistry.unregister(SIZE);
        case "own" -> {
          System.out.println(
              ORDERS.get()
                  + " "
                  + REQUESTS.labels("200", "/").get()
                  + " "
                  + LATENCY.labels().get().sum
                  + " "
                  + Arrays.toString(LATENCY.labels().get().buckets)
                  + " "
                  + SIZE.labels().get().count
                  + " "
                  + SIZE.labels().get().sum
                  + " "
                  + SIZE.labels().get().quantiles);
        }
        case "scrape" -> {
          StringWriter text = new StringWriter();
          TextFormat.write004(text, CollectorRegistry.defaultRegistry.metricFamilySamples());
          System.out.print(text);
        }
        case "filtered" -> {
          System.out.println(
              Collections.list(
                  CollectorRegistry.defaultRegistry.filteredMetricFamilySamples(
                      Collections.singleton(words[1]))));
        }
        default -> throw new IllegalArgumentException(line);
      }
      System.out.println("ok");
    }
  }

  /** Counts in families before they are registered. */
  private static void early() {
    Counter counter = Counter.build().name("early_total").help("Early.").create();
    Histogram histogram =
        Histogram.build().name("early_seconds").help("Early.").buckets(1).create();
    Summary summary = Summary.build().name("early_bytes").help("Early.").create();
    Gauge gauge = Gauge.build().name("early_open").help("Early.").create();
    counter.inc(3);
    gauge.set(4);
    for (int i = 0; i < 3; i++) {
      histogram.observe(i);
      summary.observe(i);
    }
    for (Collector each : Arrays.asList(counter, histogram, summary, gauge)) {
      each.register();
    }
    counter.inc();
    gauge.inc();
    histogram.observe(5);
    summary.observe(5);
  }

  /** A collector of the application's own. */
  private static final class Custom extends Collector {
    private final int number;

    Custom(int number) {
      this.number = number;
    }

    @Override
    public List<MetricFamilySamples> collect() {
      List<MetricFamilySamples> families = new ArrayList<>();
      families.add(
          new MetricFamilySamples(
              "custom_things_total",
              Type.COUNTER,
              "Things.",
              Collections.singletonList(
                  new MetricFamilySamples.Sample(
                      "custom_things_total",
                      Collections.<String>emptyList(),
                      Collections.<String>emptyList(),
                      number))));
      return families;
    }
  }
}
