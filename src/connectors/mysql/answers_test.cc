#include "connectors/mysql/answers.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace voyager::mysql {
namespace {

constexpr const char* kTwo = R"xml(<?xml version="1.0"?>

<resultset statement="SHOW CREATE TRIGGER `a&lt;b`
" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <row>
	<field name="a &gt; b">x &amp; &lt;y&gt;
 z </field>
	<field name="none" xsi:nil="true" />
	<field name="empty"></field>
  </row>

  <row>
	<field name="a &gt; b">&amp;lt;</field>
	<field name="none">&quot;</field>
	<field name="empty">1</field>
  </row>
</resultset>
<?xml version="1.0"?>

<resultset statement="SELECT 1 WHERE false" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"></resultset>
)xml";

TEST(ClientXml, IsReadWithNullsAndEntities) {
  const auto found = parse_client_xml(kTwo);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2U);
  using Row = std::vector<std::optional<std::string>>;
  EXPECT_EQ((*found)[0].statement, "SHOW CREATE TRIGGER `a<b`\n");
  ASSERT_EQ((*found)[0].rows.size(), 2U);
  EXPECT_EQ((*found)[0].rows[0], (Row{"x & <y>\n z ", std::nullopt, ""}));
  EXPECT_EQ((*found)[0].rows[1], (Row{"&lt;", "\"", "1"}));
  EXPECT_TRUE((*found)[1].rows.empty());
  EXPECT_TRUE(parse_client_xml("")->empty());
}

TEST(ClientXml, ThatWasCutIsRefusedWhereverItEnds) {
  const std::string text = kTwo;
  const std::size_t whole = text.find("</resultset>");
  for (std::size_t size = text.find("<resultset") + 20; size < whole + 11; ++size)
    EXPECT_FALSE(parse_client_xml(text.substr(0, size))) << size;
}

}  // namespace
}  // namespace voyager::mysql
