// SPDX-License-Identifier: Apache-2.0

package e2e;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Stands for gerrit.war, which is not published where its jars are: "init" and "daemon" with the
 * war's own options. The plugins that init is asked for are in the war alone, and so is the web UI.
 */
public final class War {
  public static void main(String[] args) throws Exception {
    List<String> options = new ArrayList<>(List.of(args));
    String command = options.remove(0);
    switch (command) {
      case "init" -> {
        while (options.contains("--install-plugin")) {
          int at = options.indexOf("--install-plugin");
          options.subList(at, at + 2).clear();
        }
        options.add("--skip-plugins");
        System.exit(Launcher.init(options));
      }
      case "daemon" ->
          System.exit(
              Launcher.daemon(Path.of(options.get(options.indexOf("-d") + 1)), options));
      default -> {
        System.err.println("usage: War init|daemon OPTION…");
        System.exit(64);
      }
    }
  }
}
