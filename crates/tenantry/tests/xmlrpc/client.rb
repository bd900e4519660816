# The life of a customer over XML-RPC with Ruby's client, and the UserLand conformance methods.

require "uri"
require "xmlrpc/client"

def check(holds, word, meaning)
  abort "FAILED  #{word}  #{meaning}" unless holds
end

def step(word, meaning)
  puts "ok  #{word}  #{meaning}"
end

# Makes a call that must end in the fault with this code, and returns what the fault says.
def refused(code, word)
  yield
  abort "FAILED  #{word}  the fault #{code} (the call was answered)"
rescue XMLRPC::FaultException => fault
  check(fault.faultCode == code, word, "the fault #{code}, not #{fault.faultCode}: #{fault.faultString}")
  fault.faultString
end

def connect(user, key)
  url = URI(ENV.fetch("TENANTRY_URL"))
  XMLRPC::Client.new3(
    host: url.host, port: url.port, path: "/api/2.0/xmlrpc/", user: user, password: key, use_ssl: url.scheme == "https"
  )
end

user = ENV.fetch("TENANTRY_USER")
server = connect(user, ENV.fetch("TENANTRY_KEY"))
mark = "rb-#{Process.pid}-#{Time.now.to_i}"

sent = {
  "name" => "Ünïcødé & Söhne <GmbH> 日本",
  "email" => "#{mark}@example.com",
  "telephone" => "+27 11 447 6147",
  "address" => "Line 1\nLine 2",
  "country" => "ZA",
  "industry" => "Hospitality, Travel & Tourism",
  "website_url" => "https://example.org/?a=1&b=2",
  "unique_id" => mark,
  "status" => "on",
}
made = server.call("CreateCustomer", sent)
id = made["id"]
check(id.is_a?(Integer) && id.positive?, "create", "the id is an integer above 0")
check(made["hash"].match?(/\A[A-Za-z0-9]{16}\z/), "create", "the hash has 16 letters and digits")
sent.merge("deleted" => "no", "is_department" => "no", "email_quota" => 0).each do |member, value|
  check(made[member] == value, "create", "#{member} is #{value.inspect}, not #{made[member].inspect}")
end
made.each do |member, value|
  check(value.is_a?(String) || value.is_a?(Integer), "create", "#{member} is a string or an int, not #{value.class}")
end
step("create", "the customer has an id, and every text as it was sent")

check(server.call("GetCustomer", id) == made, "get", "GetCustomer gives what CreateCustomer gave")
check(server.proxy("customers").GetCustomer(id) == made, "get", "and so does customers.GetCustomer")
step("get", "the customer is read, under both names of the method")

edited = server.call("UpdateCustomer", id, { "email_quota" => 500, "postal_code" => "2196" })
check(edited == made.merge("email_quota" => 500, "postal_code" => "2196"), "update", "what was sent has changed and nothing else")
edited = server.call("UpdateCustomer", id.to_s, { "email_quota" => 501 })
check(edited["id"] == id && edited["email_quota"] == 501, "update", "a numeric string serves as the id")
edited = server.call("GetCustomer", id, { "fax" => "+27 11 447 6148" })
check(edited["fax"] == "+27 11 447 6148" && edited["name"] == sent["name"], "update", "GetCustomer with a struct updates")
step("update", "what was sent has changed and nothing else")

ids = ->(customers) { customers.map { |customer| customer["id"] } }
check(ids.(server.call("ListCustomers")).include?(id), "list", "a list without parameters has the customer")
found = server.call("ListCustomers", 1, 10, "name", "DESC", { "email" => sent["email"] })
check(ids.(found) == [id], "list", "a filter by e-mail finds just this one")
check(ids.(server.call("ListCustomers", 1, 50, "", "ASC", {})).include?(id), "list", "an empty struct is no filter")
check(ids.(server.call("ListCustomers", 1, 50, "", "ASC", [])).include?(id), "list", "and neither is an empty array")
step("list", "lists have the customer, with and without parameters")

identifier = "gold-#{mark}"
package = server.call("CreatePackage", { "name" => "Gold", "identifier" => identifier, "channel" => "email", "quantity" => 1000 })
package_id = package["id"]
check(package_id.is_a?(Integer) && package_id.positive?, "package", "the id is an integer above 0")
check(package["channel"] == "email" && package["status"] == "on", "package", "the package is for e-mail, and on")
changed = server.call("ChangeEmailPackage", id, identifier)
check(changed["id"] == id, "package", "the change gives the customer")
check(changed["email_package_id"] == package_id, "package", "the package is given by its identifier")
check(server.call("ChangeEmailPackage", id, 0)["email_package_id"] == 0, "package", "0 takes the package away")
changed = server.call("ChangeEmailPackage", id, package_id)
check(changed["email_package_id"] == package_id, "package", "the package is given by its id")
check(ids.(server.call("ListPackages")).include?(package_id), "package", "a list has the package")
server.call("ChangeEmailPackage", id, 0)
check(server.call("DeletePackage", package_id) == true, "package", "the package is deleted")
step("package", "a package is made, given, taken away and deleted")

refused(404, "fault") { server.call("GetCustomer", 999_999_999) }
said = refused(422, "fault") { server.call("UpdateCustomer", id, { "email" => "not an address", "country" => "XX" }) }
check(said.include?("email") && said.include?("country"), "fault", "both wrong fields are named, not #{said.inspect}")
refused(-32601, "fault") { server.call("NoSuchMethod", id) }
step("fault", "404, 422 and -32601 come as faults")

stranger = connect(user, "0" * 32)
begin
  stranger.call("GetCustomer", id)
  check(false, "credentials", "a wrong key is refused")
rescue XMLRPC::FaultException => fault
  check(false, "credentials", "the refusal is the transport's, not the fault #{fault.faultCode}")
rescue RuntimeError
  # This client has no error of its own for what the transport refuses.
  answer = stranger.http_last_response
  check(answer.code == "401", "credentials", "the status is 401, not #{answer.code}")
  check(answer["WWW-Authenticate"].start_with?("Basic "), "credentials", "the answer asks for Basic credentials")
end
step("credentials", "a wrong key is refused with the status 401")

validator = XMLRPC::Client.new2(ENV.fetch("VALIDATOR_URL")).proxy("validator1")
stooges = (1..5).map { |n| { "moe" => n, "larry" => -n, "curly" => 10 * n } }
check(validator.arrayOfStructsTest(stooges) == 150, "validator", "arrayOfStructsTest")
entities = validator.countTheEntities("<<a>> & \"b\" & 'c' ü 日 > &amp;")
counted = {
  "ctLeftAngleBrackets" => 2, "ctRightAngleBrackets" => 3, "ctAmpersands" => 3, "ctApostrophes" => 2, "ctQuotes" => 2,
}
check(entities == counted, "validator", "countTheEntities")
sum = validator.easyStructTest({ "moe" => 5, "larry" => -7, "curly" => 2_147_483_000 })
check(sum == 2_147_482_998, "validator", "easyStructTest")
nested = {
  "text" => " ü <&> 日本\n", "empty" => "", "double" => -0.25, "true" => true, "rows" => [[], {}, [1, "two", { "three" => 3 }]],
}
check(validator.echoStructTest(nested) == nested, "validator", "echoStructTest")
moment = XMLRPC::DateTime.new(1998, 7, 17, 14, 8, 55)
bytes = (0..255).to_a.pack("C*")
many = validator.manyTypesTest(-7, false, "text", 3.5, moment, XMLRPC::Base64.new(bytes))
check(many == [-7, false, "text", 3.5, moment, bytes], "validator", "manyTypesTest")
words = ["Wörter", *["between"] * 148, "<end>"]
check(validator.moderateSizeArrayCheck(words) == "Wörter<end>", "validator", "moderateSizeArrayCheck")
days = (1..3).to_h { |day| [format("%02d", day), { "moe" => day, "larry" => 2, "curly" => 3 }] }
calendar = %w[1999 2000].to_h { |year| [year, { "03" => {}, "04" => days }] }
check(validator.nestedStructTest(calendar) == 6, "validator", "nestedStructTest")
times = validator.simpleStructReturnTest(-12)
check(times == { "times10" => -120, "times100" => -1200, "times1000" => -12_000 }, "validator", "simpleStructReturnTest")
step("validator", "the eight conformance methods answer as UserLand specified them")

check(server.call("DeleteCustomer", id) == true, "delete", "DeleteCustomer gives true")
check(server.call("GetCustomer", id)["status"] == "deleted", "delete", "the customer reads as deleted")
step("delete", "the customer is deleted")

step("done", "every step was taken")
