package shop;

import io.github.multiprom.metrics.Counter;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;

/** An application that uses Multiprom itself, beside a counter of simpleclient. */
public final class MultipromShop {
  private static final Counter OWN = Counter.build("own_total", "Own.").register();
  private static final io.prometheus.client.Counter PLAIN =
      io.prometheus.client.Counter.build("plain_total", "Plain.").register();

  private MultipromShop() {}

  public static void main(String[] args) throws IOException {
    OWN.inc(3);
    PLAIN.inc(2);
    StringWriter text = new StringWriter();
    TextFormat.write004(text, CollectorRegistry.defaultRegistry.metricFamilySamples());
    System.out.println(text);
  }
}
