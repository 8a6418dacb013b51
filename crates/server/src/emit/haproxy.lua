-- Asks Sealpass about a request: printed by `sealpass emit-config haproxy --part lua`, loaded by
-- haproxy.cfg, run by `http-request lua.sealpass`.

-- `forward_auth.listen` of Sealpass: what only HAProxy may ask. No backend may lead here, since its
-- answers hold session tokens.
local VERIFY = "http://@forward_auth@/auth/verify/haproxy"

-- What the API is told. Whatever is not in the answer is empty.
local IDENTITY = {
    @identity@
}

-- What a renewal answers, one cookie each.
local COOKIES = {
    @cookies@
}

-- What is between the browser and Sealpass.
local OURS = {
    @ours@
}

-- What belongs to the client's connection and not to the question (RFC 9110, section 7.6.1).
local HOP_BY_HOP = {
    ["connection"] = true,
    ["content-length"] = true,
    ["expect"] = true,
    ["host"] = true,
    ["keep-alive"] = true,
    ["proxy-connection"] = true,
    ["te"] = true,
    ["trailer"] = true,
    ["transfer-encoding"] = true,
    ["upgrade"] = true,
}

-- What the client said, and in its place what HAProxy knows about the request.
local function question(txn)
    local headers = {}
    for name, values in pairs(txn.http:req_get_headers()) do
        local is_ours = name:match("^x%Woriginal%W") or name:match("^x%Wforwarded%Wfor$")
        if not HOP_BY_HOP[name] and not is_ours then
            headers[name] = {}
            -- HAProxy counts from 0, Lua from 1.
            for index = 0, #values do
                table.insert(headers[name], values[index])
            end
        end
    end
    headers["x-original-method"] = { txn.sf:method() }
    -- The host is of no interest, and what the client calls it may have a path in it, before the real one.
    headers["x-original-url"] = { "http://haproxy" .. txn.sf:pathq() }
    headers["x-forwarded-for"] = { txn.sf:src() }
    return headers
end

-- The cookies that are the application's, as the client sent them, in one line (RFC 6265, section 5.4). No
-- pattern here goes over the same bytes again and again, whatever they are.
local function cookies_of_others(lines)
    local others = {}
    for index = 0, #lines do
        local kept = {}
        for pair in (lines[index] .. ";"):gmatch("([^;]*);") do
            local name = pair:match("^%s*([^%s=]+)%s*=")
            if not (name and OURS[name]) then
                table.insert(kept, pair)
            end
        end
        local line = table.concat(kept, ";")
        local first = line:find("[^;%s]")
        if first then
            table.insert(others, line:sub(first, #line + 1 - line:reverse():find("[^;%s]")))
        end
    end
    return #others > 0 and table.concat(others, "; ")
end

-- Without room nothing is set, and nothing is said.
local function set_header(txn, name, value)
    txn.http:req_set_header(name, value)
    if txn.sf:req_fhdr(name) ~= value then
        error("no room for " .. name)
    end
end

local function refuse(txn, answer)
    local reply = txn:reply()
    if answer.status >= 300 and answer.status < 500 then
        reply:set_status(answer.status)
        for name, values in pairs(answer.headers) do
            if not HOP_BY_HOP[name] then
                for index = 0, #values do
                    reply:add_header(name, values[index])
                end
            end
        end
        reply:set_body(answer.body)
    else
        -- Nobody passes without an answer.
        core.Alert("Sealpass does not answer a question: status " .. answer.status)
        reply:set_status(503)
    end
    txn:done(reply)
end

core.register_action("sealpass", { "http-req" }, function(txn)
    -- Milliseconds, for each of four attempts.
    local answer = core.httpclient():get({ url = VERIFY, headers = question(txn), timeout = 2000 })
    if answer.status ~= 200 then
        refuse(txn, answer)
        return
    end
    local cookies = txn.http:req_get_headers()["cookie"]
    if cookies then
        local others = cookies_of_others(cookies)
        txn.http:req_del_header("cookie")
        if others then
            set_header(txn, "cookie", others)
        end
    end
    for _, name in ipairs(IDENTITY) do
        local values = answer.headers[name]
        set_header(txn, name, values and values[0] or "")
    end
    for _, name in ipairs(COOKIES) do
        local values = answer.headers[name]
        if values then
            txn:set_var("txn." .. name:gsub("-", "_"), values[0])
        end
    end
    txn:set_var("txn.sealpass_allowed", true)
end)
