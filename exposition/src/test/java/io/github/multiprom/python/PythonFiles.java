package io.github.multiprom.python;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Files as client_python writes them. */
final class PythonFiles {
  private PythonFiles() {}

  static byte[] entry(String family, String sample, String labels, double value) {
    String json = "[\"%s\", \"%s\", {%s}, \"Help.\"]".formatted(family, sample, labels);
    byte[] key = json.getBytes(StandardCharsets.UTF_8);
    int padding = 8 - (4 + key.length) % 8;
    ByteBuffer entry =
        ByteBuffer.allocate(4 + key.length + padding + 16).order(ByteOrder.LITTLE_ENDIAN);
    entry.putInt(key.length).put(key).put(" ".repeat(padding).getBytes(StandardCharsets.UTF_8));
    return entry.putDouble(value).putDouble(0).array();
  }

  /** Writes a file anew, or goes on in it. */
  static void write(Path path, byte[]... entries) throws IOException {
    int used = 8 + Arrays.stream(entries).mapToInt(entry -> entry.length).sum();
    ByteBuffer file = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    file.putInt(0, used).position(8);
    for (byte[] entry : entries) {
      file.put(entry);
    }
    Files.write(path, file.array());
  }
}
