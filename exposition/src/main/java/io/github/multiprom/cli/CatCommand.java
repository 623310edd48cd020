package io.github.multiprom.cli;

import io.github.multiprom.exposition.format.ExpositionBytes;
import io.github.multiprom.exposition.format.ExpositionFormat;
import io.github.multiprom.exposition.format.ExpositionWriter;
import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.merge.MultiprocessCollector;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Writes one scrape to the standard output. */
@Command(
    name = "cat",
    mixinStandardHelpOptions = true,
    description = "Writes one scrape to the standard output, and retires dead workers.")
final class CatCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private CollectorOptions options;

  private ExpositionFormat format = ExpositionFormat.TEXT;

  @Option(
      names = "--format",
      paramLabel = "text|openmetrics|protobuf",
      description = "The format; by default text.")
  void setFormat(String name) {
    format =
        switch (name) {
          case "text" -> ExpositionFormat.TEXT;
          case "openmetrics" -> ExpositionFormat.OPENMETRICS;
          case "protobuf" -> ExpositionFormat.PROTOBUF;
          default ->
              throw new ParameterException(
                  spec.commandLine(), "--format must be text, openmetrics or protobuf: " + name);
        };
  }

  @Override
  public Integer call() throws IOException {
    DirectoryReader reader = options.reader(options.existing());
    try (MultiprocessCollector collector = options.collector(reader)) {
      ExpositionWriter writer = ExpositionWriter.of(format);
      ExpositionBytes body =
          collector.merge(family -> true, families -> writer.writeAll(families, name -> true));
      body.writeTo(System.out);
      System.out.flush();
      retireWhatWasShown(reader);
    }
    return 0;
  }

  /** A user who may only read the directory gets the scrape all the same. */
  private void retireWhatWasShown(DirectoryReader reader) {
    try {
      if (reader.read().workers().stream()
          .anyMatch(
              worker -> !worker.live() && reader.isRetirable(worker.worker().incarnation()))) {
        RetiringNow.retire(reader);
      }
    } catch (IOException | RuntimeException e) {
      spec.commandLine()
          .getErr()
          .println(
              "multiprom: dead workers are shown and cannot be retired: " + Failures.reason(e));
    }
  }
}
