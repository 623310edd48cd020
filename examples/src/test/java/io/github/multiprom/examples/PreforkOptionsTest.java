package io.github.multiprom.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreforkOptionsTest {
  @Test
  void areFourWorkersOnAFreePortUnlessSaidOtherwise() {
    assertEquals(new PreforkOptions(4, "127.0.0.1", 0, 0, null), PreforkOptions.parse());
  }

  @Test
  void areReadInAnyOrder() {
    assertEquals(
        new PreforkOptions(2, "0.0.0.0", 8080, 9464, Path.of("/new/folder")),
        PreforkOptions.parse(
            "--port",
            "8080",
            "--dir",
            "/new/folder",
            "--host",
            "0.0.0.0",
            "--workers",
            "2",
            "--metrics-port",
            "9464"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--workers 0    | --workers: not a number from 1 to 64: 0",
        "--workers x    | --workers: not a number from 1 to 64: x",
        "--port 65536   | --port: not a number from 0 to 65535: 65536",
        "--dir pom.xml  | --dir: not a directory: pom.xml",
        "--speed 3      | --speed: unknown option",
        "--port         | --port: unknown, or its value is missing",
      })
  void sayWhatIsWrong(String args, String reason) {
    var error =
        assertThrows(
            IllegalArgumentException.class, () -> PreforkOptions.parse(args.strip().split(" ")));
    assertEquals(reason, error.getMessage());
  }
}
