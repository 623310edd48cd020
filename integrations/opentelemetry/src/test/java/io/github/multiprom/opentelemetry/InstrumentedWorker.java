package io.github.multiprom.opentelemetry;

import io.github.multiprom.metrics.Worker;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.sdk.metrics.Aggregation;
import io.opentelemetry.sdk.metrics.InstrumentSelector;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.View;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A JVM that counts with OpenTelemetry. */
final class InstrumentedWorker {
  private InstrumentedWorker() {}

  /**
   * Counts as often as each line of its input says, and answers when that is sampled.
   *
   * @param args the directory, and the name of the worker
   */
  public static void main(String[] args) throws IOException {
    Worker worker = Worker.builder().directory(Path.of(args[0])).name(args[1]).open();
    SdkMeterProvider provider =
        SdkMeterProvider.builder()
            .registerView(
                InstrumentSelector.builder().setName("sizes").build(),
                View.builder()
                    .setAggregation(Aggregation.base2ExponentialBucketHistogram())
                    .build())
            .registerMetricReader(MultipromMetricReader.builder().worker(worker).build())
            .build();
    Meter meter = provider.get("worker");
    meter.gaugeBuilder("heat").buildWithCallback(heat -> heat.record(20));
    LongCounter rounds = meter.counterBuilder("rounds").build();
    DoubleHistogram calls =
        meter
            .histogramBuilder("calls")
            .setUnit("s")
            .setExplicitBucketBoundariesAdvice(List.of(1.0, 5.0))
            .build();
    DoubleHistogram sizes = meter.histogramBuilder("sizes").build();
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      for (int left = Integer.parseInt(line); left > 0; left--) {
        rounds.add(1);
        calls.record(2);
        sizes.record(3);
      }
      Shown.flush(provider, worker);
      System.out.println("sampled");
    }
  }
}
