package shop;

import io.prometheus.client.CollectorRegistry;
import java.lang.instrument.Instrumentation;

/** An agent that uses simpleclient itself. */
public final class CountingAgent {
  private CountingAgent() {}

  public static void premain(String arguments, Instrumentation instrumentation) {
    CollectorRegistry.defaultRegistry.metricFamilySamples();
  }
}
